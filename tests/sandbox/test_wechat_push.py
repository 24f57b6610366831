"""Pushes to the app, opened with another implementation of WeChat's envelope."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException

from tests.sandbox.client import DRIVER, STRANGER, Client
from tests.sandbox.conftest import free_port, start_sandbox, stop
from tests.sandbox.little_app import LittleApp, Pushed


def crypto(sandbox: Client) -> Any:
    wechat = sandbox.credentials["wechat"]
    return WeChatCrypto(wechat["push_token"], wechat["push_aes_key"], wechat["app_id"])


def opened(sandbox: Client, pushed: Pushed) -> dict[str, str]:
    query = pushed.query
    xml = crypto(sandbox).decrypt_message(
        pushed.body, query["msg_signature"], query["timestamp"], query["nonce"]
    )
    return flat(xml)


def flat(xml: str) -> dict[str, str]:
    root = ElementTree.fromstring(xml)  # noqa: S314 - our own sandbox wrote it
    return {element.tag: element.text or "" for element in root.iter() if element is not root}


def push(sandbox: Client, **fields: Any) -> dict[str, Any]:
    answer = sandbox.post("/sandbox/push", json={"openid": DRIVER, "type": "text", **fields})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_a_text_is_sealed_and_signed(sandbox: Client, little_app: LittleApp) -> None:
    report = push(sandbox, content="几点开放？]]><x>")
    assert report["delivered"] is True
    assert [(d["status"], d["outcome"]) for d in report["deliveries"]] == [(200, "ok")]
    (pushed,) = little_app.pushes
    query = pushed.query
    wechat = sandbox.credentials["wechat"]
    parts = sorted([wechat["push_token"], query["timestamp"], query["nonce"]])
    assert query["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324
    assert (query["openid"], query["encrypt_type"]) == (DRIVER, "aes")
    assert abs(int(query["timestamp"]) - time.time()) < 5
    assert "几点" not in pushed.body
    fields = opened(sandbox, pushed)
    assert fields["ToUserName"] == wechat["original_id"]
    assert (fields["FromUserName"], fields["MsgType"]) == (DRIVER, "text")
    assert fields["Content"] == "几点开放？]]><x>"
    assert fields["MsgId"].isdecimal()


def test_a_click(sandbox: Client, little_app: LittleApp) -> None:
    push(sandbox, type="event", event="CLICK", event_key="HELP")
    fields = opened(sandbox, little_app.pushes[0])
    assert (fields["MsgType"], fields["Event"], fields["EventKey"]) == ("event", "CLICK", "HELP")
    assert "MsgId" not in fields


def test_a_scan_carries_its_result(sandbox: Client, little_app: LittleApp) -> None:
    push(sandbox, type="event", event="scancode_waitmsg", event_key="GATE", scan_result="P/1")
    fields = opened(sandbox, little_app.pushes[0])
    assert (fields["ScanType"], fields["ScanResult"]) == ("qrcode", "P/1")


@pytest.mark.parametrize(("event", "follows"), [("subscribe", True), ("unsubscribe", False)])
def test_following_changes_the_person(sandbox: Client, event: str, *, follows: bool) -> None:
    openid = STRANGER if follows else DRIVER
    push(sandbox, openid=openid, type="event", event=event)
    people = {p["openid"]: p for p in sandbox.get("/sandbox/personas").json()}
    assert people[openid]["subscribed"] is follows


def test_a_passive_reply_reaches_the_person(sandbox: Client, little_app: LittleApp) -> None:
    def reply(pushed: Pushed) -> tuple[int, str]:
        asked = opened(sandbox, pushed)
        xml = (
            f"<xml><ToUserName>{asked['FromUserName']}</ToUserName>"
            f"<FromUserName>{asked['ToUserName']}</FromUserName><CreateTime>1</CreateTime>"
            "<MsgType>text</MsgType><Content>八点</Content></xml>"
        )
        return 200, crypto(sandbox).encrypt_message(xml, "n", "1650000000")

    little_app.answer_push = reply
    assert push(sandbox, content="几点")["reply"] == "八点"
    (message,) = sandbox.messages(channel="wechat", to=DRIVER)
    assert message["text"] == "八点"
    assert message["raw"]["kind"] == "passive_reply"


@pytest.mark.parametrize(
    ("answer", "outcome", "deliveries"),
    [
        ((200, "success"), "ok", 1),
        ((200, ""), "empty", 1),
        ((500, "success"), "http_status", 3),
        ((200, "<xml><Content>plain</Content></xml>"), "bad_reply", 3),
        ((200, "oops"), "bad_reply", 3),
    ],
)
def test_three_deliveries_on_a_bad_answer(
    sandbox: Client,
    little_app: LittleApp,
    answer: tuple[int, str],
    outcome: str,
    deliveries: int,
) -> None:
    little_app.answer_push = lambda _pushed: answer
    report = push(sandbox, content="x")
    assert [d["outcome"] for d in report["deliveries"]] == [outcome] * deliveries
    assert report["delivered"] is (deliveries == 1)
    bodies = [opened(sandbox, pushed) for pushed in little_app.pushes]
    assert bodies == [bodies[0]] * deliveries
    assert len({pushed.query["nonce"] for pushed in little_app.pushes}) == deliveries


def test_the_second_delivery_may_succeed(sandbox: Client, little_app: LittleApp) -> None:
    def once_bad(_pushed: Pushed) -> tuple[int, str]:
        return (500, "") if len(little_app.pushes) == 1 else (200, "success")

    little_app.answer_push = once_bad
    report = push(sandbox, content="x")
    assert [d["outcome"] for d in report["deliveries"]] == ["http_status", "ok"]
    assert report["delivered"] is True


@pytest.mark.slow
def test_five_seconds_to_answer(sandbox: Client, little_app: LittleApp) -> None:
    def once_late(_pushed: Pushed) -> tuple[int, str]:
        if len(little_app.pushes) == 1:
            time.sleep(5.5)
        return 200, "success"

    little_app.answer_push = once_late
    first, second = push(sandbox, content="x")["deliveries"]
    assert (first["status"], first["outcome"]) == (0, "timeout")
    assert 4.9 < first["seconds"] < 5.5
    assert second["outcome"] == "ok"


def test_deliveries_may_be_asked_for(sandbox: Client, little_app: LittleApp) -> None:
    assert len(push(sandbox, content="x", deliveries=3)["deliveries"]) == 3
    assert len(little_app.pushes) == 3
    assert [call["note"] for call in sandbox.calls(target="wechat.push")] == ["text ok"] * 3


def test_plain_and_compatible_mode(sandbox: Client, little_app: LittleApp) -> None:
    push(sandbox, content="明文", mode="plain")
    push(sandbox, content="兼容", mode="compatible")
    plain, compatible = little_app.pushes
    assert flat(plain.body)["Content"] == "明文"
    assert "encrypt_type" not in plain.query
    assert flat(compatible.body)["Content"] == "兼容"
    assert opened(sandbox, compatible)["Content"] == "兼容"


def test_tampered_pushes_can_be_told(sandbox: Client, little_app: LittleApp) -> None:
    for tamper in ("signature", "timestamp", "app_id"):
        push(sandbox, content="x", tamper=tamper)
    signature, timestamp, app_id = little_app.pushes
    with pytest.raises(InvalidSignatureException):
        opened(sandbox, signature)
    assert time.time() - int(timestamp.query["timestamp"]) > 3000
    assert opened(sandbox, timestamp)["Content"] == "x"
    with pytest.raises(InvalidAppIdException):
        opened(sandbox, app_id)


def test_the_address_is_verified(sandbox: Client) -> None:
    assert sandbox.post("/sandbox/push/verify").json() == {"status": 200, "verified": True}


def test_no_app_is_three_refusals_and_a_line_in_the_chat() -> None:
    port = free_port()
    process = start_sandbox(port, "--app-url", f"http://127.0.0.1:{free_port()}")
    with Client(f"http://127.0.0.1:{port}") as alone:
        report = push(alone, content="有人吗")
        assert [d["outcome"] for d in report["deliveries"]] == ["refused"] * 3
        chat = alone.get("/phone/feed", params={"openid": DRIVER}).json()["chat"]
        assert [line["kind"] for line in chat] == ["failed"]
    assert stop(process) == ""


def test_an_empty_push_path_means_no_pushes() -> None:
    port = free_port()
    process = start_sandbox(port, "--push-path", "")
    with Client(f"http://127.0.0.1:{port}") as alone:
        assert push(alone, content="x") == {"delivered": False, "reply": None, "deliveries": []}
    assert stop(process) == ""
