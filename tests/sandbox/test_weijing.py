"""The identity check: asked for, answered on the page, looked up by the server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.client import Client

RETURN = "http://127.0.0.1:8000/identity/return/K7"
PERSON = {"fullName": "梁志强", "idNum": "440115198503120011"}


def ask(sandbox: Client, **changes: Any) -> str:
    body = {
        "authType": "GzhRegular",
        "mode": 66,
        "idInfo": PERSON,
        "exp": {"expType": "exp_sec", "expSec": 420},
        "businessInfo": {"subject": "身份验证"},
        "extraParams": {"foreBackUrl": f"{RETURN}?dropped=1#gone"},
        **changes,
    }
    answer = sandbox.weijing("authreq", **body)
    assert answer["retCode"] == 0, answer
    token: str = answer["tokenInfo"]["certToken"]
    return token


def result(sandbox: Client, token: str, call: str = "authhist") -> dict[str, Any]:
    return sandbox.weijing(call, authHistQry={"certToken": token})


def answer_page(sandbox: Client, token: str, outcome: str, **more: str) -> Any:
    query = {"certToken": token, "outcome": outcome, **more}
    return sandbox.get("/authgzh/auth", params=query, allow_redirects=False)


def test_not_done_yet(sandbox: Client) -> None:
    assert result(sandbox, ask(sandbox))["retCode"] == 4401


def test_pass_comes_back_with_the_token_alone(sandbox: Client) -> None:
    token = ask(sandbox)
    assert answer_page(sandbox, token, "pass").headers["Location"] == f"{RETURN}?certToken={token}"
    told = result(sandbox, token)
    assert told["retCode"] == 0
    assert told["authData"]["resCode"] == 0
    assert told["authData"]["authObject"] == PERSON


def test_fail_comes_back_with_a_message(sandbox: Client) -> None:
    token = ask(sandbox)
    location = answer_page(sandbox, token, "fail").headers["Location"]
    assert parse_qs(urlsplit(location).query) == {"certToken": [token], "errorMsg": ["认证不通过"]}
    told = result(sandbox, token)
    assert told["retCode"] == 0
    assert told["authData"]["resCode"] != 0


def test_cancel_completes_nothing_and_may_be_tried_again(sandbox: Client) -> None:
    token = ask(sandbox)
    assert answer_page(sandbox, token, "cancel").status_code == 302
    assert result(sandbox, token)["retCode"] == 4401
    answer_page(sandbox, token, "pass")
    assert result(sandbox, token)["retCode"] == 0


def test_mismatch_passes_with_another_person(sandbox: Client) -> None:
    token = ask(sandbox)
    answer_page(sandbox, token, "mismatch")
    told = result(sandbox, token)["authData"]
    assert told["resCode"] == 0
    assert told["authObject"]["idNum"] != PERSON["idNum"]
    assert told["authObject"]["fullName"] != PERSON["fullName"]


def test_timeout_ends_the_token(sandbox: Client) -> None:
    token = ask(sandbox)
    assert "errorMsg" in answer_page(sandbox, token, "timeout").headers["Location"]
    assert result(sandbox, token)["retCode"] not in {0, 4401}


def test_done_without_coming_back(sandbox: Client) -> None:
    token = ask(sandbox)
    assert answer_page(sandbox, token, "pass", stay="1").status_code == 200
    assert result(sandbox, token)["authData"]["resCode"] == 0


def test_one_token_is_one_check(sandbox: Client) -> None:
    token = ask(sandbox)
    answer_page(sandbox, token, "fail")
    assert answer_page(sandbox, token, "pass").status_code == 410
    assert result(sandbox, token)["authData"]["resCode"] != 0


def test_the_token_lives_420_seconds(sandbox: Client) -> None:
    token = ask(sandbox)
    sandbox.move_clock(419)
    assert result(sandbox, token)["retCode"] == 4401
    sandbox.move_clock(421)
    assert result(sandbox, token)["retCode"] not in {0, 4401}
    assert answer_page(sandbox, token, "pass").status_code == 410


def test_a_result_outlives_its_token(sandbox: Client) -> None:
    token = ask(sandbox)
    answer_page(sandbox, token, "pass")
    sandbox.move_clock(600)
    assert result(sandbox, token)["authData"]["resCode"] == 0


def test_concealed_result_is_masked(sandbox: Client) -> None:
    token = ask(sandbox)
    answer_page(sandbox, token, "pass")
    concealed = result(sandbox, token, "concealhist")["authData"]["authObject"]
    assert concealed == {"idNum": "4401**********0011", "fullName": "梁*强"}


@pytest.mark.parametrize("mode", ["masked", "without_object"])
def test_modes_of_the_result(sandbox: Client, mode: str) -> None:
    sandbox.put("/sandbox/weijing-mode", json={"mode": mode})
    token = ask(sandbox)
    answer_page(sandbox, token, "pass")
    told = result(sandbox, token)["authData"].get("authObject", {})
    assert told.get("idNum", "") == ("4401**********0011" if mode == "masked" else "")


def test_access_tokens_are_checked_and_expire(sandbox: Client) -> None:
    account = sandbox.credentials["weijing"]
    wrong = {"clientId": account["client_id"], "clientSecret": "wrong"}
    assert sandbox.get("/v2/api/getaccesstoken", params=wrong).json()["retCode"] != 0
    token = sandbox.weijing_token()
    query = {"certToken": "none"}
    unknown = sandbox.weijing("authhist", accessToken=token, authHistQry=query)["retCode"]
    sandbox.move_clock(7201)
    expired = sandbox.weijing("authhist", accessToken=token, authHistQry=query)["retCode"]
    assert len({0, 4401, unknown, expired}) == 4
    fresh = sandbox.weijing_token()
    sandbox.post("/sandbox/tokens/invalidate", json={"target": "weijing"})
    dead = sandbox.weijing("authhist", accessToken=fresh, authHistQry=query)["retCode"]
    assert dead == expired


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": 65},
        {"authType": "Other"},
        {"idInfo": {"fullName": "", "idNum": "1"}},
        {"extraParams": {"foreBackUrl": "javascript:alert(1)"}},
    ],
)
def test_a_bad_request_is_refused(sandbox: Client, changes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="retCode"):
        ask(sandbox, **changes)


def test_unknown_token_and_outcome_are_told_on_the_page(sandbox: Client) -> None:
    assert sandbox.get("/authgzh/auth?certToken=none").status_code == 404
    assert answer_page(sandbox, ask(sandbox), "maybe").status_code == 410
