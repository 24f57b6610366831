"""Pushes to the app: signed, sealed, five seconds to answer, three deliveries."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.wechat.crypto import Envelope, EnvelopeError, signature
from wxbackend.sandbox.wechat.push_xml import ReplyError, from_xml, to_xml

if TYPE_CHECKING:
    from wxbackend.sandbox.world import World

DEADLINE_SECONDS = 5.0
DELIVERIES = 3
MODES = ("safe", "plain", "compatible")
TAMPERINGS = ("signature", "timestamp", "app_id")
STALE_SECONDS = 3600
HEARD_EVENTS = frozenset({"subscribe", "SCAN", "CLICK", "scancode_waitmsg", "scancode_push"})
ANSWERED_KINDS = frozenset({"text", "CLICK", "scancode_waitmsg"})


@dataclass(frozen=True)
class Push:
    """One thing to tell the app, and how: the mode, how often, and what to spoil."""

    fields: dict[str, Any]
    mode: str = "safe"
    deliveries: int = 1
    tamper: str | None = None

    @property
    def openid(self) -> str:
        return str(self.fields["FromUserName"])

    @property
    def kind(self) -> str:
        return str(self.fields.get("Event", self.fields["MsgType"]))


@dataclass(frozen=True)
class Delivery:
    """One attempt; `status` 0 is no answer, `outcome` ok, empty, reply, or what went wrong."""

    status: int
    seconds: float
    outcome: str
    reply: str | None = None

    @property
    def worked(self) -> bool:
        return self.outcome in {"ok", "empty", "reply"}


@dataclass(frozen=True)
class Report:
    delivered: bool
    reply: str | None
    deliveries: list[Delivery] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def deliver(world: World, push: Push) -> Report:
    """Tell the app, again when it does not answer well, and put its reply into the chat."""
    if not world.push_url:
        return Report(delivered=False, reply=None)
    if push.kind in HEARD_EVENTS or push.kind == "text":
        world.wechat.chat.hear(push.openid)
    attempts: list[Delivery] = []
    while len(attempts) < max(DELIVERIES, push.deliveries):
        attempts.append(_attempt(world, push))
        if attempts[-1].worked and len(attempts) >= push.deliveries:
            break
    reply = next((attempt.reply for attempt in attempts if attempt.reply), None)
    delivered = any(attempt.worked for attempt in attempts)
    _show_in_chat(world, push, reply=reply, delivered=delivered)
    return Report(delivered=delivered, reply=reply, deliveries=attempts)


def _show_in_chat(world: World, push: Push, *, reply: str | None, delivered: bool) -> None:
    if reply:
        raw = {"kind": "passive_reply", "to": push.kind}
        world.inbox.deliver("wechat", push.openid, provider="wechat", text=reply, raw=raw)
    if not delivered and push.kind in ANSWERED_KINDS:
        world.wechat.chat.add(push.openid, "failed")


def _attempt(world: World, push: Push) -> Delivery:
    envelope = _envelope(push)
    timestamp, nonce = _stamp(world, push), str(secrets.randbelow(10**10))
    body, params = _sealed(push, envelope, timestamp=timestamp, nonce=nonce)
    started = time.monotonic()
    try:
        response = world.http.post(
            world.push_url,
            params=params,
            data=body.encode(),
            headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"},
            timeout=DEADLINE_SECONDS,
            allow_redirects=False,
        )
    except requests.Timeout:
        status, outcome, reply = 0, "timeout", None
    except requests.RequestException:
        status, outcome, reply = 0, "refused", None
    else:
        status = response.status_code
        outcome, reply = _judge(response, push, envelope=envelope)
    seconds = round(time.monotonic() - started, 3)
    _write_down(world, push, status=status, outcome=outcome)
    return Delivery(status, seconds, outcome, reply)


def _write_down(world: World, push: Push, *, status: int, outcome: str) -> None:
    world.journal.record(
        "wechat.push",
        world.options.push_path,
        method="POST",
        status=status,
        caller="sandbox",
        note=f"{push.kind} {outcome}",
    )


def _envelope(push: Push) -> Envelope:
    app_id = "wx0000000000000000" if push.tamper == "app_id" else WECHAT.app_id
    return Envelope(token=WECHAT.push_token, aes_key=WECHAT.push_aes_key, app_id=app_id)


def _stamp(world: World, push: Push) -> str:
    late = STALE_SECONDS if push.tamper == "timestamp" else 0
    return str(int(world.clock.now()) - late)


def _sealed(
    push: Push, envelope: Envelope, *, timestamp: str, nonce: str
) -> tuple[str, dict[str, str]]:
    """The body and the query of one delivery."""
    params = {
        "signature": signature(WECHAT.push_token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": push.openid,
    }
    fields = push.fields
    if push.mode != "plain":
        encrypted = envelope.seal(to_xml(push.fields))
        params["encrypt_type"] = "aes"
        params["msg_signature"] = envelope.sign(encrypted, timestamp=timestamp, nonce=nonce)
        whole = push.fields if push.mode == "compatible" else {}
        fields = {"ToUserName": WECHAT.original_id, **whole, "Encrypt": encrypted}
    if push.tamper == "signature":
        params = {k: v[::-1] if k.endswith("signature") else v for k, v in params.items()}
    return to_xml(fields), params


def _judge(
    response: requests.Response, push: Push, *, envelope: Envelope
) -> tuple[str, str | None]:
    """What WeChat would make of the app's answer, and the words for the chat."""
    if response.status_code != 200:
        return "http_status", None
    text = response.content.decode("utf-8", "replace").strip()
    if not text:
        return "empty", None
    if text == "success":
        return "ok", None
    try:
        return "reply", _reply(text, push, envelope=envelope)
    except (ReplyError, EnvelopeError, KeyError):
        return "bad_reply", None


def _reply(text: str, push: Push, *, envelope: Envelope) -> str:
    fields = from_xml(text)
    if push.mode != "plain":
        inner = envelope.open(
            fields["Encrypt"],
            timestamp=fields["TimeStamp"],
            nonce=fields["Nonce"],
            given=fields["MsgSignature"],
        )
        fields = from_xml(inner)
    if fields["ToUserName"] != push.openid:
        raise ReplyError("for somebody else")
    return fields["Content"] if fields["MsgType"] == "text" else f"[{fields['MsgType']}]"


def verify_address(world: World) -> dict[str, Any]:
    """Do what WeChat does when the server address is saved: GET it with an echostr."""
    timestamp, nonce = str(int(world.clock.now())), str(secrets.randbelow(10**10))
    echo = str(secrets.randbelow(10**19))
    params = {
        "signature": signature(WECHAT.push_token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    try:
        response = world.http.get(world.push_url, params=params, timeout=DEADLINE_SECONDS)
    except requests.RequestException:
        return {"status": 0, "verified": False}
    return {"status": response.status_code, "verified": response.text == echo}
