"""Faults, modes and pushes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from wxbackend.sandbox.control.asking import ControlError, body, count, one_of, only, refuse, text
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.faults import KINDS, MOST_SECONDS, TARGETS, Fault
from wxbackend.sandbox.personas import PersonaError
from wxbackend.sandbox.sms import receipts
from wxbackend.sandbox.wechat import jssdk, mail, oauth, push
from wxbackend.sandbox.wechat.push_xml import event_push, text_push
from wxbackend.sandbox.weijing import desk

blueprint = Blueprint("control_steering", __name__, url_prefix="/sandbox")
blueprint.register_error_handler(ControlError, refuse)
blueprint.register_error_handler(PersonaError, refuse)

# Platforms whose error codes are whole numbers; the others name their errors.
NUMBERED = frozenset({"wechat", "weijing", "yuezhengyi"})
TIMED = frozenset({"timeout", "timeout_after_effect", "slow"})
MOST_DELIVERIES = 10
PUSH_FIELDS = (
    *("openid", "type", "content", "event", "event_key", "deliveries"),
    *("mode", "tamper", "scan_result", "extra"),
)


@blueprint.get("/faults")
def faults() -> Response:
    return jsonify(this_world().faults.listing())


@blueprint.put("/faults/<target>")
def put_fault(target: str) -> Response:
    _known_target(target)
    payload = body()
    only(payload, ["kind", "value", "count", "path"])
    kind = one_of(payload, "kind", among=KINDS)
    path = text(payload, "path") or None
    fault = Fault(
        kind, _value(payload.get("value"), target=target, kind=kind), count(payload), path
    )
    this_world().faults.put(target, fault)
    return jsonify(asdict(fault))


def _value(value: Any, *, target: str, kind: str) -> float | str | None:
    if kind == "errcode":
        return _errcode(target, value)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind not in TIMED or not is_number or not 0 <= value <= MOST_SECONDS:
        raise ControlError(
            f"value must be seconds from 0 to {MOST_SECONDS:.0f}, and only for {', '.join(TIMED)}"
        )
    return float(value)


def _errcode(target: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ControlError("value must be the platform's error code")
    if target in NUMBERED and not str(value).lstrip("-").isdecimal():
        raise ControlError(f"value must be a whole number: {target} numbers its errors")
    return str(value)


@blueprint.delete("/faults")
def delete_faults() -> tuple[str, int]:
    this_world().faults.remove()
    return "", 204


@blueprint.delete("/faults/<target>")
def delete_fault(target: str) -> tuple[str, int]:
    _known_target(target)
    this_world().faults.remove(target)
    return "", 204


def _known_target(target: str) -> None:
    if target not in TARGETS:
        raise ControlError(f"target must be one of {', '.join(TARGETS)}")


@blueprint.get("/modes")
def modes() -> Response:
    world = this_world()
    oauth_mode, oauth_count = world.wechat.oauth.mode()
    outcome, outcome_count = world.wechat.mail.outcome()
    return jsonify(
        oauth={"mode": oauth_mode, "count": oauth_count},
        weijing={"mode": world.weijing.mode},
        jssdk=asdict(world.wechat.jssdk),
        template={"outcome": outcome, "count": outcome_count},
        receipts=asdict(world.receipts.rules),
    )


@blueprint.put("/oauth-mode")
def put_oauth_mode() -> Response:
    payload = body()
    only(payload, ["mode", "count"])
    mode = one_of(payload, "mode", among=oauth.MODES)
    limit = None if mode == "normal" else count(payload)
    this_world().wechat.oauth.set_mode(mode, limit)
    return modes()


@blueprint.put("/weijing-mode")
def put_weijing_mode() -> Response:
    payload = body()
    only(payload, ["mode"])
    this_world().weijing.mode = one_of(payload, "mode", among=desk.MODES)
    return modes()


@blueprint.put("/jssdk-mode")
def put_jssdk_mode() -> Response:
    payload = body()
    only(payload, ["platform", "scan"])
    standing = this_world().wechat.jssdk
    if "platform" in payload:
        standing.platform = one_of(payload, "platform", among=jssdk.PLATFORMS)
    if "scan" in payload:
        standing.scan = one_of(payload, "scan", among=jssdk.SCANS)
    return modes()


@blueprint.put("/template-outcome")
def put_template_outcome() -> Response:
    payload = body()
    only(payload, ["outcome", "count"])
    outcome = one_of(payload, "outcome", among=mail.OUTCOMES)
    limit = None if outcome == "success" else count(payload)
    this_world().wechat.mail.set_outcome(outcome, limit)
    return modes()


@blueprint.put("/receipts")
def put_receipts() -> Response:
    payload = body()
    only(payload, ["mode", "delay_seconds", "copies", "reordered"])
    rules = this_world().receipts.rules
    delay = payload.get("delay_seconds", rules.delay_seconds)
    is_number = isinstance(delay, int | float) and not isinstance(delay, bool)
    if not is_number or not 0 <= delay <= MOST_SECONDS:
        raise ControlError(f"delay_seconds must be seconds from 0 to {MOST_SECONDS:.0f}")
    copies = count({"copies": rules.copies, **payload}, "copies") or 0
    if not 1 <= copies <= MOST_DELIVERIES:
        raise ControlError(f"copies must be from 1 to {MOST_DELIVERIES}")
    reordered = payload.get("reordered", rules.reordered)
    if not isinstance(reordered, bool):
        raise ControlError("reordered must be true or false")
    mode = one_of({"mode": rules.mode, **payload}, "mode", among=receipts.MODES)
    this_world().receipts.rules = receipts.ReceiptRules(mode, float(delay), copies, reordered)
    return modes()


@blueprint.post("/push")
def send_push() -> Response:
    """Tell the app what a person said or did, and answer what came of it."""
    payload = body()
    only(payload, PUSH_FIELDS)
    report = push.deliver(this_world(), _push(payload))
    return jsonify(report.as_json())


@blueprint.post("/push/verify")
def verify_push_address() -> Response:
    return jsonify(push.verify_address(this_world()))


def _push(payload: dict[str, Any]) -> push.Push:
    mode = one_of({"mode": "safe", **payload}, "mode", among=push.MODES)
    tamper = payload.get("tamper")
    if tamper not in (None, *push.TAMPERINGS):
        raise ControlError(f"tamper must be one of {', '.join(push.TAMPERINGS)}")
    deliveries = count(payload, "deliveries") or 0
    if not 1 <= deliveries <= MOST_DELIVERIES:
        raise ControlError(f"deliveries must be from 1 to {MOST_DELIVERIES}")
    return push.Push(_push_fields(payload), mode=mode, deliveries=deliveries, tamper=tamper)


def _push_fields(payload: dict[str, Any]) -> dict[str, Any]:
    world = this_world()
    openid = world.get_persona(text(payload, "openid")).openid
    now = int(world.clock.now())
    if one_of(payload, "type", among=("text", "event")) == "text":
        number = world.wechat.mail.number()
        return text_push(openid, text(payload, "content"), at=now, message_id=number)
    event, extra = text(payload, "event"), payload.get("extra", {})
    if not event or not isinstance(extra, dict):
        raise ControlError("event must be named, and extra must be an object")
    if "scan_result" in payload:
        scanned = {"ScanType": "qrcode", "ScanResult": text(payload, "scan_result")}
        extra = {"ScanCodeInfo": scanned, **extra}
    if event in {"subscribe", "unsubscribe"}:
        world.change_persona(openid, {"subscribed": event == "subscribe"})
    return event_push(openid, event, at=now, key=text(payload, "event_key"), extra=extra)
