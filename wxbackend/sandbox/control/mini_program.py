"""What a person does in the mini-program, which is not here: codes, and 允许."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from wxbackend.sandbox.accounts import PROGRAM_TEMPLATES
from wxbackend.sandbox.control.asking import ControlError, body, count, one_of, only, refuse, text
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.mini_program.account import program_openid
from wxbackend.sandbox.personas import PersonaError

blueprint = Blueprint("control_mini_program", __name__, url_prefix="/sandbox/mini-program")
blueprint.register_error_handler(ControlError, refuse)
blueprint.register_error_handler(PersonaError, refuse)


@blueprint.post("/codes")
def give_code() -> Response:
    """A code as `wx.login` (js) or the phone number's button (phone) hands it out."""
    payload = body()
    only(payload, ["openid", "kind"])
    kind = one_of(payload, "kind", among=("js", "phone"))
    world = this_world()
    persona = world.get_persona(text(payload, "openid"))
    code = world.mini_program.give_code(kind, persona.openid)
    return jsonify(code=code, openid=program_openid(persona.openid))


@blueprint.post("/agreements")
def agree() -> tuple[str, int]:
    """The person allows so many messages of this template."""
    payload = body()
    only(payload, ["openid", "template_id", "count"])
    template = one_of(payload, "template_id", among=tuple(PROGRAM_TEMPLATES))
    world = this_world()
    persona = world.get_persona(text(payload, "openid"))
    world.mini_program.agree(persona.openid, template, count(payload) or 1)
    return "", 204
