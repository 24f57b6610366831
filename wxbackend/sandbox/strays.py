"""Calls that a platform would know and the sandbox does not: said plainly, and written down."""

from __future__ import annotations

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from wxbackend.sandbox.exchange import this_world

TARGET_OF_PREFIX = {
    "/cgi-bin/": "wechat",
    "/sns/": "wechat",
    "/wxa/": "wechat",
    "/v2/": "weijing",
    "/ebus/": "yuezhengyi",
    "/qyapi/": "yuezhengyi",
    "/sms/": "sms.mas",
    "/sms-2/": "sms.mas2",
    "/tencent-sms": "sms.tencent",
    "/health-registry/": "health",
}
STRAY_ERRORS = (NotFound, MethodNotAllowed)


def answer_stray(error: HTTPException) -> HTTPException | Response:
    prefixes = (prefix for prefix in TARGET_OF_PREFIX if request.path.startswith(prefix))
    prefix = next(prefixes, None)
    if prefix is None:
        return error
    response = jsonify(error=f"the sandbox does not simulate {request.method} {request.path}")
    response.status_code = error.code or 404
    this_world().journal.record(
        TARGET_OF_PREFIX[prefix],
        request.path,
        method=request.method,
        status=response.status_code,
        caller="server",
        note="not simulated",
    )
    return response
