"""The JS-SDK: its script, and the check that the script really asks for."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request, send_from_directory

from wxbackend.sandbox.accounts import JSSDK_PATH, WECHAT
from wxbackend.sandbox.addresses import host_of, same_host
from wxbackend.sandbox.exchange import attach_pages, remark, this_world
from wxbackend.sandbox.options import PACKAGE
from wxbackend.sandbox.wechat.crypto import jssdk_signature

blueprint = Blueprint("wechat_jssdk", __name__)
attach_pages(blueprint, "wechat")


@blueprint.get(JSSDK_PATH)
def script() -> Response:
    response = send_from_directory(PACKAGE / "static" / "jssdk", "jweixin.js")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/sandbox/jssdk/check")
def check() -> Response:
    """Whether `wx.config` holds for the page at `url`; `errMsg` in the platform's words."""
    wechat = this_world().wechat
    message = _message()
    remark(message)
    response = jsonify(
        ok=message == "config:ok",
        errMsg=message,
        platform=wechat.jssdk.platform,
        scan=wechat.jssdk.scan,
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _message() -> str:
    query = request.args
    if query.get("appId") != WECHAT.app_id:
        return "config:invalid appid"
    url = _signed_url()
    if not same_host(host_of(url), host_of(this_world().options.app_url)):
        return "config:invalid url domain"
    return "config:ok" if _is_signed(url) else "config:fail,invalid signature"


def _signed_url() -> str:
    """The address that counts: on iOS the one the page was loaded under, else the present one."""
    url = request.args.get("url", "")
    if this_world().wechat.jssdk.platform == "ios":
        return request.args.get("landing") or url
    return url


def _is_signed(url: str) -> bool:
    query = request.args
    given = query.get("signature", "").encode()
    return any(
        hmac.compare_digest(
            jssdk_signature(
                ticket,
                nonce=query.get("nonceStr", ""),
                timestamp=query.get("timestamp", ""),
                url=url,
            ).encode(),
            given,
        )
        for ticket in this_world().wechat.tokens.living_tickets("jsapi")
    )
