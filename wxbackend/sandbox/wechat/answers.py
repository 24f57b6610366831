"""How WeChat answers: errors are HTTP 200 with errcode, errmsg and a rid."""

from __future__ import annotations

import json
import secrets
from typing import Any

from flask import Response, request

from wxbackend.sandbox.exchange import remark
from wxbackend.sandbox.wechat.errors import ERRMSG, WeChatError


def answer(payload: dict[str, Any], mimetype: str = "application/json; encoding=utf-8") -> Response:
    """The payload as WeChat sends it: UTF-8, unescaped."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Response(text, content_type=mimetype)


def plain_answer(payload: dict[str, Any]) -> Response:
    """The payload as the /sns/ calls send it: JSON that calls itself plain text."""
    return answer(payload, "text/plain; charset=utf-8")


def ok(**extra: Any) -> Response:
    return answer({"errcode": 0, "errmsg": "ok", **extra})


def error_answer(error: WeChatError) -> Response:
    remark(f"errcode {error.errcode}")
    message = error.detail or ERRMSG.get(error.errcode, "error")
    parts = (secrets.token_hex(4) for _ in range(3))
    return answer({"errcode": error.errcode, "errmsg": f"{message} rid: {'-'.join(parts)}"})


def own_error(code: str) -> Response:
    """The answer for an error code that a fault switch asks for."""
    return error_answer(WeChatError(int(code)))


def json_body() -> dict[str, Any]:
    """The posted JSON object.

    Raises:
        WeChatError: 44002 nothing was posted; 47001 it is not a JSON object.
    """
    body = request.get_data()
    if not body:
        raise WeChatError(44002)
    try:
        payload = json.loads(body)
    except ValueError:
        raise WeChatError(47001) from None
    if not isinstance(payload, dict):
        raise WeChatError(47001)
    return payload
