"""Health, credentials, people, clock, records, reset."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from wxbackend.sandbox.accounts import credentials_document
from wxbackend.sandbox.control.asking import ControlError, body, one_of, only, refuse
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.health_records import REGISTERS
from wxbackend.sandbox.personas import PersonaError

blueprint = Blueprint("control_state", __name__, url_prefix="/sandbox")
blueprint.register_error_handler(ControlError, refuse)
blueprint.register_error_handler(PersonaError, refuse)

MOST_OFFSET_SECONDS = 10 * 366 * 86_400


@blueprint.get("/health")
def health() -> Response:
    return jsonify(status="ok")


@blueprint.get("/credentials")
def credentials() -> Response:
    return jsonify(credentials_document(this_world().options.public_url))


@blueprint.get("/personas")
def personas() -> Response:
    return jsonify([asdict(persona) for persona in this_world().personas.everyone()])


@blueprint.put("/personas/<openid>")
def put_persona(openid: str) -> Response:
    return jsonify(asdict(this_world().change_persona(openid, body())))


@blueprint.delete("/personas/<openid>")
def delete_persona(openid: str) -> tuple[str, int]:
    world = this_world()
    world.get_persona(openid)
    world.personas.remove(openid)
    world.wechat.tags.strip(openid)
    return "", 204


@blueprint.get("/clock")
def clock() -> Response:
    standing = this_world().clock
    return jsonify(offset_seconds=standing.offset_seconds, now=standing.stamp())


@blueprint.put("/clock")
def put_clock() -> Response:
    payload = body()
    only(payload, ["offset_seconds"])
    offset = payload.get("offset_seconds")
    if isinstance(offset, bool) or not isinstance(offset, int | float):
        raise ControlError("offset_seconds must be a number")
    if abs(offset) > MOST_OFFSET_SECONDS:
        raise ControlError("offset_seconds must be within ten years")
    this_world().clock.offset_seconds = float(offset)
    return clock()


@blueprint.get("/health-records/<id_number>")
def health_records(id_number: str) -> Response:
    return jsonify(this_world().health_records.get(id_number))


@blueprint.put("/health-records/<id_number>")
def put_health_records(id_number: str) -> Response:
    payload = body()
    only(payload, REGISTERS)
    for register, rows in payload.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ControlError(f"{register} must be a list of records")
    this_world().health_records.put(id_number, payload)
    return health_records(id_number)


@blueprint.post("/tokens/invalidate")
def invalidate_tokens() -> tuple[str, int]:
    payload = body()
    only(payload, ["target"])
    world = this_world()
    revoke = {
        "wechat": world.wechat.tokens.revoke,
        "weijing": world.weijing.revoke,
        "yuezhengyi": world.yuezhengyi.revoke,
    }
    revoke[one_of(payload, "target", among=tuple(revoke))]()
    return "", 204


@blueprint.post("/reset")
def reset() -> tuple[str, int]:
    this_world().reset()
    return "", 204
