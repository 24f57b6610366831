"""Each way to fail, on each platform."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.sandbox.client import Client

PATHS = {
    "wechat": ("GET", "/cgi-bin/token?grant_type=client_credential"),
    "weijing": ("GET", "/v2/api/getaccesstoken"),
    "yuezhengyi": ("GET", "/qyapi/cgi-bin/gettoken"),
    "sms.mas": ("POST", "/sms/norsubmit"),
    "sms.mas2": ("POST", "/sms-2/norsubmit"),
    "sms.tencent": ("POST", "/tencent-sms/"),
    "health": ("GET", "/health-registry/nucleic?idcardNo=1"),
}


@pytest.mark.parametrize("target", PATHS)
def test_refuse_closes_the_line_and_is_journalled(sandbox: Client, target: str) -> None:
    sandbox.fault(target, kind="refuse", count=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            sandbox.request(*PATHS[target])
    assert sandbox.request(*PATHS[target]).status_code == 200
    calls = sandbox.calls(target=target)
    assert [(call["status"], call["fault"]) for call in calls] == [
        (0, "refuse"),
        (0, "refuse"),
        (200, None),
    ]


def test_timeout_has_no_effect_and_is_journalled_while_it_waits(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="timeout", value=20)
    with pytest.raises(requests.Timeout):
        sandbox.post("/sms/norsubmit", data=b"e30=", timeout=0.3)
    assert [call["status"] for call in sandbox.calls(target="sms.mas")] == [0]
    assert sandbox.messages() == []


def test_timeout_closes_the_line_in_the_end(sandbox: Client) -> None:
    sandbox.fault("health", kind="timeout", value=0.3)
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        sandbox.request(*PATHS["health"])
    assert time.monotonic() - began >= 0.3


def test_timeout_after_effect_delivers_and_does_not_answer(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="timeout_after_effect", value=0.2)
    with pytest.raises(requests.ConnectionError):
        sandbox.mas(content="到了吗")
    assert [message["text"] for message in sandbox.messages()] == ["到了吗"]
    assert [call["status"] for call in sandbox.calls(target="sms.mas")] == [0]


def test_http_500(sandbox: Client) -> None:
    sandbox.fault("yuezhengyi", kind="http_500")
    assert sandbox.request(*PATHS["yuezhengyi"]).status_code == 500


def test_garbage_is_200_and_no_json(sandbox: Client) -> None:
    sandbox.fault("weijing", kind="garbage")
    answer = sandbox.request(*PATHS["weijing"])
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_slow_waits_and_then_answers(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="slow", value=0.3)
    began = time.monotonic()
    assert sandbox.mas()["success"] is True
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("target", "value", "told"),
    [
        ("wechat", 45009, {"errcode": 45009}),
        ("wechat", -1, {"errcode": -1, "errmsg": "system error"}),
        ("weijing", 5000, {"retCode": 5000}),
        ("yuezhengyi", 45033, {"errcode": 45033}),
        ("sms.mas", "NoSignId", {"rspcod": "NoSignId", "success": False}),
        ("health", "18", {"code": "18", "datas": []}),
    ],
)
def test_errcode_is_the_platforms_own_error(
    sandbox: Client, target: str, value: object, told: dict[str, object]
) -> None:
    sandbox.fault(target, kind="errcode", value=value)
    answer = sandbox.request(*PATHS[target])
    assert answer.status_code == 200
    body = answer.json()
    if "errmsg" in told:
        body["errmsg"] = body["errmsg"].split(" rid:")[0]
    assert told.items() <= body.items()


def test_a_token_error_really_kills_the_token_and_spares_the_fetch(sandbox: Client) -> None:
    token = sandbox.wechat_token()
    sandbox.fault("wechat", kind="errcode", value=40001)
    assert sandbox.wechat_token() == token, "fetching a token carries none, so it is spared"
    told = sandbox.get("/cgi-bin/tags/get", params={"access_token": token}).json()
    assert told["errcode"] == 40001
    again = sandbox.get("/cgi-bin/tags/get", params={"access_token": token}).json()
    assert again["errcode"] == 40001, "the fault is used up, the token is dead all the same"
    assert sandbox.wechat("tags/get")["tags"]


def test_a_fault_may_strike_some_paths_only(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="errcode", value="NoSignId", path="tmpsubmit")
    assert sandbox.mas()["rspcod"] == "success"
    assert sandbox.post("/sms/tmpsubmit").json()["rspcod"] == "NoSignId"


def test_a_fault_without_count_ends_when_switched_off(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="http_500", count=None)
    assert [sandbox.post("/sms/norsubmit").status_code for _ in range(5)] == [500] * 5
    assert sandbox.delete("/sandbox/faults/sms.mas").status_code == 204
    assert sandbox.mas()["success"] is True


def test_the_listing_counts_down(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="http_500", count=3)
    sandbox.post("/sms/norsubmit")
    assert sandbox.get("/sandbox/faults").json() == {
        "sms.mas": {"kind": "http_500", "value": None, "count": 2, "path": None}
    }
    sandbox.delete("/sandbox/faults")
    assert sandbox.get("/sandbox/faults").json() == {}


def test_one_platforms_fault_leaves_the_others_alone(sandbox: Client) -> None:
    sandbox.fault("sms.mas", kind="http_500", count=None)
    assert sandbox.mas(base="/sms-2")["success"] is True


def test_held_calls_leave_room_for_others(sandbox: Client) -> None:
    """Forty calls are made to wait; the sandbox answers all the same, and lets go when told."""
    sandbox.fault("health", kind="timeout", value=60, count=None)
    with ThreadPoolExecutor(40) as pool:
        calls = [pool.submit(_is_dropped, sandbox.base) for _ in range(40)]
        while len(sandbox.calls(target="health")) < 40:
            time.sleep(0.05)
        assert sandbox.mas()["success"] is True
        sandbox.delete("/sandbox/faults")
        assert all(call.result() for call in calls)


def _is_dropped(base: str) -> bool:
    with Client(base) as client, pytest.raises(requests.ConnectionError):
        client.request(*PATHS["health"])
    return True
