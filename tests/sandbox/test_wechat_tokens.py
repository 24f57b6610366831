"""Access tokens, tickets and quotas."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client


def fetch_plain(sandbox: Client, **changes: str) -> dict[str, Any]:
    wechat = sandbox.credentials["wechat"]
    params = {
        "grant_type": "client_credential",
        "appid": wechat["app_id"],
        "secret": wechat["app_secret"],
        **changes,
    }
    payload: dict[str, Any] = sandbox.get("/cgi-bin/token", params=params).json()
    return payload


def fetch_stable(sandbox: Client, *, force: bool = False) -> dict[str, Any]:
    wechat = sandbox.credentials["wechat"]
    body = {
        "grant_type": "client_credential",
        "appid": wechat["app_id"],
        "secret": wechat["app_secret"],
        "force_refresh": force,
    }
    payload: dict[str, Any] = sandbox.post("/cgi-bin/stable_token", json=body).json()
    return payload


def verdict(sandbox: Client, token: str) -> int:
    answer = sandbox.get("/cgi-bin/tags/get", params={"access_token": token}).json()
    return int(answer.get("errcode", 0))


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "x"}, 40125),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_wrong_credentials(sandbox: Client, changes: dict[str, str], errcode: int) -> None:
    answer = fetch_plain(sandbox, **changes)
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]


def test_a_plain_token_leaves_its_predecessor_five_minutes(sandbox: Client) -> None:
    first, second = (fetch_plain(sandbox)["access_token"] for _ in range(2))
    assert first != second
    assert 136 <= len(first) <= 512
    sandbox.move_clock(299)
    assert verdict(sandbox, first) == 0
    sandbox.move_clock(301)
    assert verdict(sandbox, first) == 42001
    assert verdict(sandbox, second) == 0


def test_the_stable_token_stays_until_its_last_five_minutes(sandbox: Client) -> None:
    first = fetch_stable(sandbox)
    assert first["expires_in"] == pytest.approx(7200, abs=2)
    sandbox.move_clock(6800)
    again = fetch_stable(sandbox)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == pytest.approx(400, abs=2)
    sandbox.move_clock(6950)
    new = fetch_stable(sandbox)
    assert new["access_token"] != first["access_token"]
    assert verdict(sandbox, first["access_token"]) == 0, "the old one lives out its time"
    sandbox.move_clock(7201)
    assert verdict(sandbox, first["access_token"]) == 42001


def test_the_two_kinds_of_token_are_isolated(sandbox: Client) -> None:
    stable = fetch_stable(sandbox)["access_token"]
    fetch_plain(sandbox)
    assert verdict(sandbox, stable) == 0
    assert fetch_stable(sandbox)["access_token"] == stable


def test_force_kills_the_old_token_but_not_twice_in_30_seconds(sandbox: Client) -> None:
    first = fetch_stable(sandbox)["access_token"]
    second = fetch_stable(sandbox, force=True)["access_token"]
    assert second != first
    assert verdict(sandbox, first) == 40001
    assert fetch_stable(sandbox, force=True)["access_token"] == second
    sandbox.move_clock(31)
    assert fetch_stable(sandbox, force=True)["access_token"] != second


def test_force_works_twenty_times_a_day(sandbox: Client) -> None:
    fetch_stable(sandbox)
    for number in range(20):
        sandbox.move_clock(number * 31)
        assert "access_token" in fetch_stable(sandbox, force=True)
    sandbox.move_clock(20 * 31)
    assert fetch_stable(sandbox, force=True)["errcode"] == 45009


def test_the_daily_quota_of_the_plain_token(sandbox: Client) -> None:
    for _ in range(2000):
        assert "access_token" in fetch_plain(sandbox)
    assert fetch_plain(sandbox)["errcode"] == 45009
    sandbox.move_clock(86_400)
    assert "access_token" in fetch_plain(sandbox)


def test_quota_is_cleared_ten_times_a_month(sandbox: Client) -> None:
    body = {"appid": sandbox.credentials["wechat"]["app_id"]}
    assert [sandbox.wechat("clear_quota", body)["errcode"] for _ in range(11)] == [0] * 10 + [48006]


def test_killed_tokens_are_40001_and_the_next_one_lives(sandbox: Client) -> None:
    old = fetch_stable(sandbox)["access_token"]
    sandbox.post("/sandbox/tokens/invalidate", json={"target": "wechat"})
    assert verdict(sandbox, old) == 40001
    new = fetch_stable(sandbox)["access_token"]
    assert new != old
    assert verdict(sandbox, new) == 0


def test_no_token_and_an_unknown_one(sandbox: Client) -> None:
    assert sandbox.get("/cgi-bin/tags/get").json()["errcode"] == 41001
    assert verdict(sandbox, "x" * 140) == 40001


def test_the_ticket_stays_while_it_lives(sandbox: Client) -> None:
    first = sandbox.wechat("ticket/getticket", type="jsapi")
    assert first["errcode"] == 0
    assert first["expires_in"] == pytest.approx(7200, abs=2)
    assert sandbox.wechat("ticket/getticket", type="jsapi")["ticket"] == first["ticket"]
    sandbox.move_clock(7000)
    assert sandbox.wechat("ticket/getticket", type="jsapi")["ticket"] != first["ticket"]
    assert sandbox.wechat("ticket/getticket", type="odd")["errcode"] == 40097


# ---- harder rules ------------------------------------------------------------------------------


def rule(sandbox: Client, **rules: object) -> None:
    answer = sandbox.put("/sandbox/wechat-rules/tokens", json=rules)
    assert answer.status_code == 200, answer.text


def test_only_the_newest_tokens_are_honoured(sandbox: Client) -> None:
    rule(sandbox, honoured=2)
    first, second, third = (fetch_plain(sandbox)["access_token"] for _ in range(3))
    assert [verdict(sandbox, token) for token in (first, second, third)] == [40001, 0, 0]
    assert sandbox.get("/sandbox/wechat-rules").json()["died"] == 1


def test_a_token_ends_after_so_many_uses(sandbox: Client) -> None:
    rule(sandbox, honoured=1, dies_after=[3, 3])
    token = fetch_stable(sandbox)["access_token"]
    assert [verdict(sandbox, token) for _ in range(5)] == [0, 0, 0, 40001, 40001]
    assert fetch_stable(sandbox)["access_token"] != token
    assert sandbox.get("/sandbox/wechat-rules").json()["died"] == 1


def test_a_sticky_token_is_handed_out_until_it_is_forced(sandbox: Client) -> None:
    rule(sandbox, sticky=True)
    token = fetch_stable(sandbox)["access_token"]
    sandbox.post("/sandbox/tokens/invalidate", json={"target": "wechat"})
    assert fetch_stable(sandbox)["access_token"] == token
    assert verdict(sandbox, token) == 40001
    forced = fetch_stable(sandbox, force=True)["access_token"]
    assert verdict(sandbox, forced) == 0


def test_an_unlisted_address_gets_no_token(sandbox: Client) -> None:
    rule(sandbox, unlisted="203.0.113.7")
    for answer in (fetch_plain(sandbox), fetch_stable(sandbox)):
        assert answer["errcode"] == 40164
        assert answer["errmsg"].startswith(
            "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: "
        )
    rule(sandbox)
    assert "access_token" in fetch_stable(sandbox)


def test_a_lowered_quota_is_used_up(sandbox: Client) -> None:
    sandbox.put("/sandbox/wechat-rules/quotas", json={"tags/get": 2, "menu/get": 0})
    token = fetch_stable(sandbox)["access_token"]
    assert [verdict(sandbox, token) for _ in range(3)] == [0, 0, 45009]
    assert sandbox.wechat("menu/get")["errcode"] == 45009
    sandbox.put("/sandbox/wechat-rules/quotas", json={})
    assert verdict(sandbox, token) == 0


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("tokens", {"honoured": 0}),
        ("tokens", {"dies_after": [3]}),
        ("tokens", {"dies_after": [3, 2]}),
        ("tokens", {"unlisted": "nowhere"}),
        ("tokens", {"odd": 1}),
        ("quotas", {"tags/get": -1}),
    ],
)
def test_odd_rules_are_refused(sandbox: Client, path: str, payload: dict[str, Any]) -> None:
    assert sandbox.put(f"/sandbox/wechat-rules/{path}", json=payload).status_code == 400
