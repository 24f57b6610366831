"""/v2/api/: the four calls of the identity check."""

from __future__ import annotations

import hmac
import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import WEIJING
from wxbackend.sandbox.addresses import is_web_address
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.masking import mask_id_number, mask_name
from wxbackend.sandbox.weijing.desk import CHECK_SECONDS, STRANGER, TOKEN_SECONDS, Check

# 0 and 4401 are the platform's. Its other codes are not public: these are ours.
OK = 0
BAD_PARAMETER = 4001
BAD_CLIENT = 4101
BAD_TOKEN = 4102
NOT_DONE = 4401
UNKNOWN_CHECK = 4402
EXPIRED_CHECK = 4403
FACE_DIFFERS = 5001
MESSAGES = {
    OK: "成功",
    BAD_PARAMETER: "参数错误",
    BAD_CLIENT: "clientId或clientSecret不正确",
    BAD_TOKEN: "accessToken无效或已过期",
    NOT_DONE: "用户尚未完成认证",
    UNKNOWN_CHECK: "certToken不存在",
    EXPIRED_CHECK: "certToken已过期",
}
AUTH_TYPES = ("GzhRegular", "MiniRegular")
AUTH_MODES = (66,)
LONGEST_SECONDS = 3600


class WeijingError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _error(code: int) -> Response:
    remark(f"retCode {code}")
    return jsonify(retCode=code, retMessage=MESSAGES.get(code, "系统繁忙"))


blueprint = Blueprint("weijing_api", __name__, url_prefix="/v2/api")
attach(
    blueprint,
    Platform(
        target="weijing",
        own_error=lambda code: _error(int(code)),
        token_codes=frozenset({str(BAD_TOKEN)}),
        forget_tokens=lambda world: world.weijing.revoke(),
        carries_token=lambda: request.method == "POST",
    ),
)


@blueprint.errorhandler(WeijingError)
def _refuse(error: WeijingError) -> Response:
    return _error(error.code)


@blueprint.get("/getaccesstoken")
def get_access_token() -> Response:
    secret = request.args.get("clientSecret", "").encode()
    known = request.args.get("clientId") == WEIJING.client_id
    if not (known and hmac.compare_digest(secret, WEIJING.client_secret.encode())):
        raise WeijingError(BAD_CLIENT)
    world = this_world()
    return jsonify(
        retCode=OK,
        retMessage=MESSAGES[OK],
        accessToken=world.weijing.issue_token(),
        expireSeconds=TOKEN_SECONDS,
        timestamp=int(world.clock.now() * 1000),
    )


@blueprint.post("/authreq")
def auth_request() -> Response:
    world = this_world()
    check = _opened(_body_with_token())
    remark(check.auth_type)
    return jsonify(
        retCode=OK,
        retMessage=MESSAGES[OK],
        tokenInfo={
            "certToken": check.cert_token,
            "timestamp": int(world.clock.now() * 1000),
            "createdAt": int(check.created_at * 1000),
            "expireAt": int(check.expires_at * 1000),
            "expireTimeMs": int((check.expires_at - check.created_at) * 1000),
        },
    )


def _opened(body: dict[str, Any]) -> Check:
    person, extra = _part(body, "idInfo"), _part(body, "extraParams")
    expiry, business = _part(body, "exp"), _part(body, "businessInfo")
    name, number = person.get("fullName"), person.get("idNum")
    return_url, seconds = extra.get("foreBackUrl"), expiry.get("expSec", CHECK_SECONDS)
    good = (
        body.get("authType") in AUTH_TYPES
        and body.get("mode") in AUTH_MODES
        and bool(isinstance(name, str) and name and isinstance(number, str) and number)
        and isinstance(return_url, str)
        and is_web_address(return_url)
        and isinstance(seconds, int)
        and 0 < seconds <= LONGEST_SECONDS
    )
    if not good:
        raise WeijingError(BAD_PARAMETER)
    return this_world().weijing.open(
        str(name),
        str(number),
        subject=str(business.get("subject", "")),
        auth_type=body["authType"],
        auth_mode=body["mode"],
        return_url=str(return_url),
        seconds=seconds,
    )


@blueprint.post("/authhist", defaults={"call": "authhist"})
@blueprint.post("/concealhist", defaults={"call": "concealhist"})
def history(call: str) -> Response:
    desk = this_world().weijing
    query = _part(_body_with_token(), "authHistQry")
    check = desk.find(str(query.get("certToken", "")))
    if check is None:
        raise WeijingError(UNKNOWN_CHECK)
    if desk.is_over(check):
        raise WeijingError(EXPIRED_CHECK)
    if check.outcome is None:
        raise WeijingError(NOT_DONE)
    concealed = call == "concealhist" and desk.mode == "unmasked"
    mode = "masked" if concealed else desk.mode
    result = _result(check, mode)
    remark(f"resCode {result['resCode']}")
    return jsonify(retCode=OK, retMessage=MESSAGES[OK], authData=result)


def _result(check: Check, mode: str) -> dict[str, Any]:
    passed = check.outcome != "fail"
    result: dict[str, Any] = {
        "resCode": OK if passed else FACE_DIFFERS,
        "resStr": "认证成功" if passed else "人像比对不一致",
        "authMode": check.auth_mode,
        "authType": check.auth_type,
    }
    if passed and mode != "without_object":
        result["authObject"] = _person(check, masked=mode == "masked")
    return result


def _person(check: Check, *, masked: bool) -> dict[str, str]:
    name, number = check.full_name, check.id_number
    if check.outcome == "mismatch":
        name, number = STRANGER
    if masked:
        name, number = mask_name(name), mask_id_number(number)
    return {"idNum": number, "fullName": name}


def _body_with_token() -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise WeijingError(BAD_PARAMETER) from None
    if not isinstance(body, dict):
        raise WeijingError(BAD_PARAMETER)
    if not this_world().weijing.is_living(str(body.get("accessToken", ""))):
        raise WeijingError(BAD_TOKEN)
    return body


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}
