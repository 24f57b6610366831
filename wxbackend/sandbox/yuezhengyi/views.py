"""gettoken, message/send and media/upload: behind the gateway, and without it as plain WeCom."""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import YUEZHENGYI
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.tif import TifError, check_headers, turned_away
from wxbackend.sandbox.yuezhengyi.messages import Content, read_content, recipients
from wxbackend.sandbox.yuezhengyi.office import YuezhengyiError

GATEWAY_PREFIX = "/ebus/yzyapi/cgi-bin"
PLAIN_PREFIX = "/qyapi/cgi-bin"
MOST_FILE_BYTES = 20 * 1024 * 1024
LEAST_FILE_BYTES = 5
DUPLICATE_SECONDS = 1_800
MOST_DUPLICATE_SECONDS = 4 * 3600
ERRMSG = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40032: "invalid user list size",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    41001: "access_token missing",
    42001: "access_token expired",
    44001: "empty media data",
    44004: "empty content",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    47001: "data format error",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    82001: "All touser & toparty & totag are empty",
}


def _error(errcode: int) -> Response:
    remark(f"errcode {errcode}")
    return jsonify(errcode=errcode, errmsg=ERRMSG.get(errcode, "error"))


blueprint = Blueprint("yuezhengyi", __name__)
attach(
    blueprint,
    Platform(
        target="yuezhengyi",
        own_error=lambda code: _error(int(code)),
        token_codes=frozenset({"40014", "41001", "42001"}),
        forget_tokens=lambda world: world.yuezhengyi.revoke(),
        carries_token=lambda: not request.path.endswith("/gettoken"),
    ),
)
blueprint.register_error_handler(TifError, turned_away)


@blueprint.errorhandler(YuezhengyiError)
def _refuse(error: YuezhengyiError) -> Response:
    return _error(error.errcode)


@blueprint.before_request
def _check_gateway() -> None:
    if request.path.startswith(GATEWAY_PREFIX):
        world = this_world()
        check_headers(
            YUEZHENGYI.paas_id,
            YUEZHENGYI.paas_token,
            now=world.clock.now(),
            nonces=world.nonces,
        )


@blueprint.get(f"{GATEWAY_PREFIX}/gettoken")
@blueprint.get(f"{PLAIN_PREFIX}/gettoken")
def get_token() -> Response:
    if request.args.get("corpid") != YUEZHENGYI.corp_id:
        raise YuezhengyiError(40013)
    secret = request.args.get("corpsecret", "").encode()
    if not hmac.compare_digest(secret, YUEZHENGYI.corp_secret.encode()):
        raise YuezhengyiError(40001)
    token, seconds = this_world().yuezhengyi.fetch_token()
    return jsonify(errcode=0, errmsg="ok", access_token=token, expires_in=seconds)


@blueprint.post(f"{GATEWAY_PREFIX}/message/send")
@blueprint.post(f"{PLAIN_PREFIX}/message/send")
def send() -> Response:
    office = this_world().yuezhengyi
    office.check_token(request.args.get("access_token", ""))
    raw = request.get_data()
    body = _body(raw)
    if str(body.get("agentid")) != str(YUEZHENGYI.agent_id):
        raise YuezhengyiError(40056)
    members, unknown = recipients(body.get("touser"))
    content = read_content(body, office)
    if _checks_duplicates(body) and office.is_repeat(raw, _interval(body)):
        remark("duplicate")
    else:
        _deliver(members, content, body=body)
    invalid = "|".join(member.lower() for member in unknown)
    message_id = secrets.token_urlsafe(24)
    return jsonify(errcode=0, errmsg="ok", invaliduser=invalid, msgid=message_id)


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise YuezhengyiError(47001) from None
    if not isinstance(body, dict):
        raise YuezhengyiError(47001)
    return body


def _checks_duplicates(body: dict[str, Any]) -> bool:
    return body.get("enable_duplicate_check") in (1, "1")


def _interval(body: dict[str, Any]) -> float:
    interval = body.get("duplicate_check_interval", DUPLICATE_SECONDS)
    if not isinstance(interval, int | float):
        raise YuezhengyiError(40058)
    return min(float(interval), MOST_DUPLICATE_SECONDS)


def _deliver(members: list[str], content: Content, *, body: dict[str, Any]) -> None:
    world = this_world()
    dropped = [member for member in members if not world.yuezhengyi.has_room(member)]
    for member in members:
        if member not in dropped:
            world.inbox.deliver(
                "yuezhengyi",
                member,
                provider="yuezhengyi",
                text=content.text,
                url=content.url,
                file_name=content.file.file_name if content.file else None,
                raw=body,
            )
    notes = [f"dropped {len(dropped)} of {len(members)}"] if dropped else []
    notes += ["cut"] if content.cut else []
    if notes:
        remark(", ".join(notes))


@blueprint.post(f"{GATEWAY_PREFIX}/media/upload")
@blueprint.post(f"{PLAIN_PREFIX}/media/upload")
def upload() -> Response:
    office = this_world().yuezhengyi
    office.check_token(request.args.get("access_token", ""))
    if request.args.get("type") != "file":
        raise YuezhengyiError(40004)
    given = request.files.get("media")
    if given is None or not given.filename:
        raise YuezhengyiError(44001)
    content = given.read(MOST_FILE_BYTES + 1)
    if not LEAST_FILE_BYTES <= len(content) <= MOST_FILE_BYTES:
        raise YuezhengyiError(40006)
    media = office.keep_file(given.filename, content)
    return jsonify(
        errcode=0,
        errmsg="ok",
        type="file",
        media_id=media.media_id,
        created_at=str(int(media.created_at)),
    )
