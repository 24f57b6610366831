"""What the phone does: who holds it, what they see, what they say and tap."""

from __future__ import annotations

import socket
import time
from dataclasses import asdict
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from wxbackend.sandbox.control.asking import ControlError, body, number_in_query, only, refuse, text
from wxbackend.sandbox.control.steering import modes
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.personas import Persona, PersonaError
from wxbackend.sandbox.wechat.authorize import remember
from wxbackend.sandbox.wechat.menus import Menu
from wxbackend.sandbox.wechat.push import Push, deliver
from wxbackend.sandbox.wechat.push_xml import event_push, text_push

blueprint = Blueprint("phone_actions", __name__, url_prefix="/phone")
blueprint.register_error_handler(ControlError, refuse)
blueprint.register_error_handler(PersonaError, refuse)

MOST_MESSAGES = 500
MOST_CALLS = 300
PROBE_SECONDS = 0.5
PROBE_PAUSE_SECONDS = 4.0
SCAN_EVENTS = ("scancode_push", "scancode_waitmsg")


class _AppProbe:
    """Whether the app answers at all; asked at most every few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._is_up = False

    def is_up(self, app_url: str) -> bool:
        with self._lock:
            if time.monotonic() - self._asked_at > PROBE_PAUSE_SECONDS:
                self._is_up = _connects(app_url)
                self._asked_at = time.monotonic()
            return self._is_up


def _connects(app_url: str) -> bool:
    parts = urlsplit(app_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


_probe = _AppProbe()


@blueprint.put("/holder")
def hold() -> AnyResponse:
    """Put the phone into somebody's hands."""
    persona = _person(body())
    return remember(make_response("", 204), persona.openid)


@blueprint.get("/feed")
def feed() -> Response:
    """What is new since the numbers given; `page` changes when they start anew."""
    world = this_world()
    same = request.args.get("page") == world.page
    after_message = (number_in_query("messages_after", 0) or 0) if same else 0
    after_call = (number_in_query("calls_after", 0) or 0) if same else 0
    openid = request.args.get("openid", "")
    menu, is_old = _menu_shown(openid)
    messages = world.inbox.read(after=after_message, limit=MOST_MESSAGES)
    calls = world.journal.read(after=after_call, limit=MOST_CALLS)
    return jsonify(
        page=world.page,
        app_up=_probe.is_up(world.options.app_url),
        personas=[asdict(persona) for persona in world.personas.everyone()],
        menu={"id": menu.id, "buttons": menu.buttons} if menu else None,
        menu_is_old=is_old,
        chat=[asdict(line) for line in world.wechat.chat.lines(openid)],
        messages=[asdict(message) for message in messages],
        calls=[asdict(call) for call in calls],
        faults=world.faults.listing(),
        modes=modes().get_json(),
        clock={"offset_seconds": world.clock.offset_seconds, "now": world.clock.stamp()},
    )


def _menu_shown(openid: str) -> tuple[Menu | None, bool]:
    """The menu on this phone, and whether WeChat has another by now.

    The phone says whether its chat was just `entering`; who does not say sees WeChat's own.
    """
    wechat = this_world().wechat
    current, entering = wechat.menu_of(openid), request.args.get("entering")
    if entering is None:
        return current, False
    shown = wechat.client_menus.shown(openid, current, entering=entering == "1")
    is_old = shown is not None and current is not None and shown.buttons != current.buttons
    return shown, is_old


@blueprint.post("/menu")
def pull_menu() -> tuple[str, int]:
    """Have this phone forget its menu, as nobody can in WeChat without waiting."""
    this_world().wechat.client_menus.forget(_person(body()).openid)
    return "", 204


@blueprint.post("/say")
def say() -> tuple[str, int]:
    """Write to the account; the reply comes with the feed."""
    payload = body()
    only(payload, ["openid", "content"])
    persona, content = _follower(payload), text(payload, "content").strip()
    if not content:
        raise ControlError("content is empty")
    world = this_world()
    world.wechat.chat.add(persona.openid, "said", text=content)
    number = world.wechat.mail.number()
    fields = text_push(persona.openid, content, at=int(world.clock.now()), message_id=number)
    _push_later(fields)
    return "", 204


@blueprint.post("/tap")
def tap() -> tuple[str, int]:
    """Tap a menu button: the app hears of it as of any click, view or scan."""
    payload = body()
    only(payload, ["openid", "event", "key", "menu_id", "scan_result"])
    persona, event = _follower(payload), text(payload, "event")
    extra: dict[str, Any] = {}
    if event == "VIEW":
        extra["MenuId"] = text(payload, "menu_id")
    elif event in SCAN_EVENTS:
        extra["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": text(payload, "scan_result")}
    elif event != "CLICK":
        raise ControlError("event must be CLICK, VIEW or a scan")
    at, key = int(this_world().clock.now()), text(payload, "key")
    _push_later(event_push(persona.openid, event, at=at, key=key, extra=extra))
    return "", 204


@blueprint.put("/following")
def follow() -> Response:
    """Follow the account or stop following it, as one would in WeChat."""
    payload = body()
    only(payload, ["openid", "subscribed"])
    persona = _person(payload)
    world = this_world()
    changed = world.change_persona(persona.openid, {"subscribed": payload.get("subscribed")})
    world.wechat.client_menus.forget(persona.openid)
    event = "subscribe" if changed.subscribed else "unsubscribe"
    at = int(world.clock.now())
    _push_later(event_push(persona.openid, event, at=at, key="", extra={}))
    return jsonify(asdict(changed))


def _person(payload: dict[str, Any]) -> Persona:
    return this_world().get_persona(text(payload, "openid"))


def _follower(payload: dict[str, Any]) -> Persona:
    persona = _person(payload)
    if not persona.subscribed:
        raise ControlError("who does not follow the account has no chat with it")
    return persona


def _push_later(fields: dict[str, Any]) -> None:
    world = this_world()
    world.courier.send(lambda: deliver(world, Push(fields)))
