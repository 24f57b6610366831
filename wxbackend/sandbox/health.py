"""The health registry: nucleic-acid tests and vaccinations by identity number."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import HEALTH
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.tif import TifError, check_headers, is_signed, turned_away

DONE = "00"
BAD_PARAMETER = "01"
MESSAGES = {
    DONE: "查询成功",
    BAD_PARAMETER: "参数错误",
    "18": "今日查询次数已用完",
}


def _own_error(code: str) -> Response:
    return jsonify(code=code, msg=MESSAGES.get(code, "查询失败"), datas=[])


blueprint = Blueprint("health", __name__, url_prefix="/health-registry")
attach(blueprint, Platform(target="health", own_error=_own_error))
blueprint.register_error_handler(TifError, turned_away)


@blueprint.before_request
def _check_gateway() -> None:
    """Some registries stand behind the gateway: a call that is signed must be signed right."""
    if is_signed():
        world = this_world()
        check_headers(HEALTH.paas_id, HEALTH.paas_token, now=world.clock.now(), nonces=world.nonces)


@blueprint.get("/nucleic", defaults={"register": "nucleic"})
@blueprint.get("/vaccine", defaults={"register": "vaccine"})
def records(register: str) -> Response:
    id_number = request.args.get("idcardNo", "").strip()
    if not id_number:
        remark(BAD_PARAMETER)
        return _own_error(BAD_PARAMETER)
    found = this_world().health_records.get(id_number)[register]
    return jsonify(code=DONE, msg=MESSAGES[DONE], datas=found)
