"""粤政易: the gateway's signature, tokens, what is delivered and what is dropped in silence."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.sandbox.client import Client, tif_signature

SEND = "/ebus/yzyapi/cgi-bin/message/send"


def gateway_status(sandbox: Client, headers: dict[str, str]) -> int:
    return sandbox.get("/ebus/yzyapi/cgi-bin/gettoken", headers=headers).status_code


def signed(sandbox: Client, stamp: str, nonce: str) -> dict[str, str]:
    token = sandbox.credentials["yuezhengyi"]["paas_token"]
    signature = tif_signature(stamp, token, nonce)
    return sandbox.tif_headers(
        **{"x-tif-timestamp": stamp, "x-tif-nonce": nonce, "x-tif-signature": signature}
    )


def test_the_gateway_takes_a_right_signature_in_either_case(sandbox: Client) -> None:
    headers = sandbox.tif_headers()
    headers["x-tif-signature"] = headers["x-tif-signature"].upper()
    assert gateway_status(sandbox, headers) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"x-tif-signature": "0" * 64},
        {"x-tif-paasid": "nobody"},
        {"x-tif-nonce": ""},
        {"x-tif-timestamp": "soon"},
    ],
)
def test_the_gateway_refuses_wrong_headers(sandbox: Client, change: dict[str, str]) -> None:
    assert gateway_status(sandbox, sandbox.tif_headers(**change)) == 401


@pytest.mark.parametrize(("shift", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_the_gateway_allows_five_minutes(sandbox: Client, shift: int, status: int) -> None:
    headers = signed(sandbox, str(int(time.time()) + shift), f"shifted {shift}")
    assert gateway_status(sandbox, headers) == status


def test_a_nonce_works_once(sandbox: Client) -> None:
    headers = sandbox.tif_headers()
    assert [gateway_status(sandbox, headers) for _ in range(2)] == [200, 401]


def test_plain_wecom_needs_no_headers(sandbox: Client) -> None:
    answer = sandbox.post(
        "/qyapi/cgi-bin/message/send",
        params={"access_token": sandbox.yuezhengyi_token()},
        json=sandbox.text_to("lisi", "你好"),
    )
    assert answer.json()["errcode"] == 0
    assert sandbox.messages(channel="yuezhengyi")[0]["to"] == "lisi"


def test_tokens_stand_expire_and_can_be_killed(sandbox: Client) -> None:
    body = sandbox.text_to("lisi", "x")
    token = sandbox.yuezhengyi_token()
    assert sandbox.yuezhengyi_token() == token
    missing = sandbox.post("/qyapi/cgi-bin/message/send", json=body).json()
    assert missing["errcode"] == 41001
    assert sandbox.yuezhengyi(body, "nonsense")["errcode"] == 40014
    sandbox.move_clock(7201)
    params = {"access_token": token}
    expired = sandbox.post("/qyapi/cgi-bin/message/send", params=params, json=body).json()
    assert expired["errcode"] == 42001
    fresh = sandbox.yuezhengyi_token()
    sandbox.post("/sandbox/tokens/invalidate", json={"target": "yuezhengyi"})
    params = {"access_token": fresh}
    dead = sandbox.post("/qyapi/cgi-bin/message/send", params=params, json=body).json()
    assert dead["errcode"] == 40014


@pytest.mark.parametrize(
    ("change", "errcode"), [({"corpid": "x"}, 40013), ({"corpsecret": "x"}, 40001)]
)
def test_a_wrong_corporation_or_secret(
    sandbox: Client, change: dict[str, str], errcode: int
) -> None:
    account = sandbox.credentials["yuezhengyi"]
    params = {"corpid": account["corp_id"], "corpsecret": account["corp_secret"], **change}
    assert sandbox.get("/qyapi/cgi-bin/gettoken", params=params).json()["errcode"] == errcode


def test_one_message_for_each_member_and_the_unknown_named(sandbox: Client) -> None:
    answer = sandbox.yuezhengyi(sandbox.text_to("Zhang|InvalidA|li|INVALIDb", "到了"))
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "invalida|invalidb"
    assert [message["to"] for message in sandbox.messages()] == ["Zhang", "li"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "invalid1|invalid2"}, 81013),
        ({"touser": ""}, 82001),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40032),
        ({"agentid": 1}, 40056),
        ({"msgtype": "video"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "textcard", "textcard": {"title": "a"}}, 40058),
        ({"msgtype": "file", "file": {"media_id": "none"}}, 40007),
    ],
)
def test_what_is_refused(sandbox: Client, changes: dict[str, Any], errcode: int) -> None:
    assert sandbox.yuezhengyi(sandbox.text_to("li", "x") | changes)["errcode"] == errcode
    assert sandbox.messages() == []


def test_a_text_is_cut_at_2048_bytes(sandbox: Client) -> None:
    sandbox.yuezhengyi(sandbox.text_to("li", "车" * 700))
    assert sandbox.messages()[0]["text"] == "车" * 682
    assert sandbox.calls(path="message/send")[0]["note"] == "cut"


def test_a_card_has_title_text_and_link(sandbox: Client) -> None:
    card = {"title": "简报", "description": "共12辆", "url": "http://127.0.0.1:8000/d/1"}
    body = sandbox.text_to("li", "") | {"msgtype": "textcard", "textcard": card}
    assert sandbox.yuezhengyi(body)["errcode"] == 0
    message = sandbox.messages()[0]
    assert (message["text"], message["url"]) == ("简报\n共12辆", card["url"])


def test_a_file_is_uploaded_sent_and_fetched(sandbox: Client) -> None:
    content = b"PK sheet of twelve trucks"
    uploaded = sandbox.post(
        "/ebus/yzyapi/cgi-bin/media/upload",
        params={"access_token": sandbox.yuezhengyi_token(), "type": "file"},
        files={"media": ("卡口通行.xlsx", content)},
        headers=sandbox.tif_headers(),
    ).json()
    assert uploaded["errcode"] == 0
    body = sandbox.text_to("li", "") | {
        "msgtype": "file",
        "file": {"media_id": uploaded["media_id"]},
    }
    assert sandbox.yuezhengyi(body)["errcode"] == 0
    message = sandbox.messages()[0]
    assert message["file_name"] == "卡口通行.xlsx"
    assert sandbox.get(message["url"]).content == content
    sandbox.move_clock(3 * 86_400 + 1)
    assert sandbox.get(message["url"]).status_code == 404


def test_a_repeat_in_the_same_bytes_is_dropped_in_silence(sandbox: Client) -> None:
    body = sandbox.text_to("li", "一次", enable_duplicate_check=1, duplicate_check_interval=600)
    raw, spaced = json.dumps(body).encode(), json.dumps(body, indent=1).encode()
    assert [sandbox.yuezhengyi(raw)["errcode"] for _ in range(2)] == [0, 0]
    assert len(sandbox.messages()) == 1
    assert [call["note"] for call in sandbox.calls(path="message/send")] == [None, "duplicate"]
    sandbox.yuezhengyi(spaced)
    assert len(sandbox.messages()) == 2, "the same JSON in other bytes is another message"
    sandbox.move_clock(601)
    token = {"access_token": sandbox.yuezhengyi_token()}
    sandbox.post("/qyapi/cgi-bin/message/send", params=token, data=raw)
    assert len(sandbox.messages()) == 3


def test_without_the_check_repeats_are_delivered(sandbox: Client) -> None:
    raw = json.dumps(sandbox.text_to("li", "两次")).encode()
    for _ in range(2):
        sandbox.yuezhengyi(raw)
    assert len(sandbox.messages()) == 2


def send_plain(sandbox: Client, member: str, times: int) -> None:
    params = {"access_token": sandbox.yuezhengyi_token()}
    for number in range(times):
        body = sandbox.text_to(member, str(number))
        assert sandbox.post("/qyapi/cgi-bin/message/send", params=params, json=body).ok


def test_the_31st_message_in_a_minute_is_dropped_in_silence(sandbox: Client) -> None:
    send_plain(sandbox, "li", 32)
    assert len(sandbox.messages(to="li")) == 30
    assert sandbox.calls(path="message/send")[-1]["note"] == "dropped 1 of 1"
    send_plain(sandbox, "wang", 1)
    assert len(sandbox.messages(to="wang")) == 1
    sandbox.move_clock(61)
    send_plain(sandbox, "li", 1)
    assert len(sandbox.messages(to="li")) == 31


def test_the_1001st_message_in_an_hour_is_dropped(sandbox: Client) -> None:
    for minute in range(34):
        sandbox.move_clock(minute * 61)
        params = {"access_token": sandbox.yuezhengyi_token()}
        for number in range(30):
            body = sandbox.text_to("li", f"{minute} {number}")
            sandbox.post("/qyapi/cgi-bin/message/send", params=params, json=body)
    assert len(sandbox.messages(to="li")) == 1000
    sandbox.move_clock(3700)
    send_plain(sandbox, "li", 1)
    assert len(sandbox.messages(to="li")) == 1001
