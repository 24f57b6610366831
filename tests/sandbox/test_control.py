"""The control API: people, clock, inbox, journal, reset, and clear words for bad input."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import DRIVER, Client


def test_health(sandbox: Client) -> None:
    answer = sandbox.get("/sandbox/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_person_is_added_changed_and_removed(sandbox: Client) -> None:
    fields = {
        "nickname": "阿新",
        "name": "新来",
        "id_number": "x",
        "phone": "139",
        "subscribed": True,
    }
    assert sandbox.put("/sandbox/personas/oNewPerson1", json=fields).status_code == 200
    sandbox.put("/sandbox/personas/oNewPerson1", json={"phone": "13900000000"})
    person = sandbox.get("/sandbox/personas").json()[-1]
    assert person == {
        **fields,
        "openid": "oNewPerson1",
        "phone": "13900000000",
        "note": "",
        "yuezhengyi_userid": "",
    }
    assert sandbox.delete("/sandbox/personas/oNewPerson1").status_code == 204
    assert all(p["openid"] != "oNewPerson1" for p in sandbox.get("/sandbox/personas").json())


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", "/sandbox/personas/oNewPerson1", {"nickname": "a"}, "name is missing"),
        ("PUT", "/sandbox/personas/oNewPerson1", {"name": 5}, "name must be a text"),
        ("PUT", "/sandbox/personas/oNewPerson1", {"nmae": "a"}, "unknown field nmae"),
        ("PUT", f"/sandbox/personas/{DRIVER}", {"subscribed": "no"}, "subscribed must be"),
        ("DELETE", "/sandbox/personas/oNobodyHere", None, "no persona"),
        ("PUT", "/sandbox/clock", {"offset_seconds": "1"}, "offset_seconds must be a number"),
        ("PUT", "/sandbox/clock", None, "not JSON"),
        ("GET", "/sandbox/messages?channel=fax", None, "channel must be one of"),
        ("GET", "/sandbox/messages?after=x", None, "after must be a whole number"),
        ("PUT", "/sandbox/faults/fax", {"kind": "refuse"}, "target must be one of"),
        ("PUT", "/sandbox/faults/wechat", {"kind": "explode"}, "kind must be one of"),
        ("PUT", "/sandbox/faults/wechat", {"kind": "refuse", "count": 0}, "count must be"),
        (
            "PUT",
            "/sandbox/faults/wechat",
            {"kind": "timeout", "value": -1},
            "value must be seconds",
        ),
        ("PUT", "/sandbox/faults/wechat", {"kind": "errcode"}, "value must be the platform's"),
        ("PUT", "/sandbox/faults/wechat", {"kind": "errcode", "value": "x"}, "whole number"),
        ("PUT", "/sandbox/oauth-mode", {"mode": "odd"}, "mode must be one of"),
        ("PUT", "/sandbox/weijing-mode", {}, "mode must be one of"),
        ("PUT", "/sandbox/health-records/1", {"nucleic": {}}, "nucleic must be a list"),
        ("POST", "/sandbox/tokens/invalidate", {"target": "sms.mas"}, "target must be one of"),
        ("POST", "/sandbox/push", {"openid": "oNobodyHere", "type": "text"}, "no persona"),
        ("POST", "/sandbox/push", {"openid": DRIVER, "type": "smoke"}, "type must be one of"),
        ("POST", "/sandbox/push", {"openid": DRIVER, "type": "event"}, "event must be named"),
    ],
)
def test_bad_input_gets_400_and_words(
    sandbox: Client, method: str, path: str, body: Any, words: str
) -> None:
    answer = sandbox.request(method, path, json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_messages_are_filtered_and_emptied(sandbox: Client) -> None:
    sandbox.mas(mobiles="13800000001,13800000002")
    first, second = sandbox.messages()
    assert set(first) == {
        *("id", "channel", "provider", "to", "text"),
        *("url", "file_name", "at", "raw"),
    }
    assert sandbox.messages(to="13800000002") == [second]
    assert sandbox.messages(channel="wechat") == []
    assert sandbox.messages(after=first["id"]) == [second]
    assert sandbox.messages(limit=1) == [second]
    assert sandbox.delete("/sandbox/messages").status_code == 204
    assert sandbox.messages() == []


def test_calls_are_journalled_with_target_and_status(sandbox: Client) -> None:
    sandbox.mas()
    sandbox.mas(mac="wrong")
    calls = sandbox.calls(target="sms.mas")
    assert [(c["path"], c["status"], c["note"]) for c in calls] == [
        ("/sms/norsubmit", 200, None),
        ("/sms/norsubmit", 200, "IllegalMac"),
    ]
    assert sandbox.calls(target="wechat") == []
    sandbox.delete("/sandbox/calls")
    assert sandbox.calls() == []


def test_the_clock_shifts_what_is_written_down(sandbox: Client) -> None:
    sandbox.mas()
    sandbox.move_clock(86_400)
    sandbox.mas()
    before, after = (message["at"] for message in sandbox.messages())
    assert before[:10] < after[:10]


def test_reset_forgets_all_but_people_and_credentials(sandbox: Client) -> None:
    credentials = sandbox.get("/sandbox/credentials").json()
    sandbox.put(f"/sandbox/personas/{DRIVER}", json={"note": "kept"})
    sandbox.mas()
    sandbox.move_clock(50)
    sandbox.fault("wechat", kind="refuse")
    token = sandbox.yuezhengyi_token()
    sandbox.post("/sandbox/reset")
    assert sandbox.messages() == []
    assert sandbox.get("/sandbox/clock").json()["offset_seconds"] == 0
    assert sandbox.get("/sandbox/faults").json() == {}
    assert sandbox.yuezhengyi(sandbox.text_to("a", "x"), token)["errcode"] == 40014
    assert sandbox.get("/sandbox/personas").json()[0]["note"] == "kept"
    assert sandbox.get("/sandbox/credentials").json() == credentials
