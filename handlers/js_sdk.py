"""The signature that WeChat's JS-SDK asks for, for pages of our own only."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import anyone, guarded
from handlers.refusals import refuse
from handlers.security_headers import origin_of

blueprint = guarded(Blueprint("js_sdk", __name__, url_prefix="/wechat"), anyone)


@blueprint.post("/js-sdk")
def sign() -> ResponseReturnValue:
    """Sign the address that the page sends: what `location.href` says before the `#`."""
    url = request.form.get("url", "")[:1000].partition("#")[0]
    deps = dependencies()
    if origin_of(url) != origin_of(deps.public_base_url):
        return refuse("http_400", 400)
    return jsonify(asdict(deps.gateways.wechat.sign_js_sdk(url, now=deps.clock())))
