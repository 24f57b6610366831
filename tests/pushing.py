"""WeChat's side of a push, made by the sandbox's own implementation of the envelope."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.wechat.crypto import Envelope, signature
from wxbackend.sandbox.wechat.push_xml import from_xml, to_xml

PATH = "/wechat/push"
ENVELOPE = Envelope(token=WECHAT.push_token, aes_key=WECHAT.push_aes_key, app_id=WECHAT.app_id)


def a_moment() -> int:
    """Another one for each push: a Redis outlives the test, and remembers pushes for minutes."""
    return 1_600_000_000 + secrets.randbelow(10**8)


def text_of(openid: str, content: str, **more: Any) -> dict[str, Any]:
    return {
        "ToUserName": WECHAT.original_id,
        "FromUserName": openid,
        "CreateTime": a_moment(),
        "MsgType": "text",
        "Content": content,
        "MsgId": secrets.randbelow(10**15),
        **more,
    }


def event_of(openid: str, event: str, **more: Any) -> dict[str, Any]:
    head = text_of(openid, "")
    del head["Content"], head["MsgId"]
    return {**head, "MsgType": "event", "Event": event, **more}


@dataclass
class Delivery:
    """A POST as WeChat makes it; any part of it may be spoilt before it is sent."""

    query: dict[str, str]
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml"})

    def to(self, app: Flask) -> TestResponse:
        return app.test_client().post(
            PATH, query_string=self.query, data=self.body, headers=self.headers
        )


def stamp(now: datetime, token: str = WECHAT.push_token) -> dict[str, str]:
    timestamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**10))
    signed = signature(token, timestamp, nonce)
    return {"signature": signed, "timestamp": timestamp, "nonce": nonce}


def sealed(inner: str, now: datetime, envelope: Envelope = ENVELOPE) -> Delivery:
    """One delivery of this XML in the safe mode; a second call is the next delivery."""
    query = stamp(now)
    encrypted = envelope.seal(inner)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = envelope.sign(
        encrypted, timestamp=query["timestamp"], nonce=query["nonce"]
    )
    body = to_xml({"ToUserName": WECHAT.original_id, "Encrypt": encrypted})
    return Delivery(query, body.encode())


def push(fields: dict[str, Any], now: datetime) -> Delivery:
    return sealed(to_xml(fields), now)


def words(answer: TestResponse) -> str:
    """The text that the sender reads, or nothing."""
    return words_in(answer.text)


def words_in(body: str) -> str:
    if body == "success":
        return ""
    outer = from_xml(body)
    inner = from_xml(
        ENVELOPE.open(
            outer["Encrypt"],
            timestamp=outer["TimeStamp"],
            nonce=outer["Nonce"],
            given=outer["MsgSignature"],
        )
    )
    assert inner["FromUserName"] == WECHAT.original_id
    assert inner["MsgType"] == "text"
    return inner["Content"]
