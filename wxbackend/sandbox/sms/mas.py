"""移动云MAS: norsubmit and tmpsubmit, for the main account and for the one behind it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import MAS, MAS_SECOND, MAS_TEMPLATES, MasCredentials
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.sms.receipts import Sent, report

MOST_MOBILES = 5_000
MOBILE = re.compile(r"\d{11,20}")
ACCOUNTS = {account.ec_name: account for account in (MAS, MAS_SECOND)}
TEMPLATES = {template.id: template for template in MAS_TEMPLATES.values()}
SIGNED = {
    "norsubmit": ("ecName", "apId", "secretKey", "mobiles", "content", "sign", "addSerial"),
    "tmpsubmit": (
        *("ecName", "apId", "secretKey", "templateId"),
        *("mobiles", "params", "sign", "addSerial"),
    ),
}


class MasError(Exception):
    def __init__(self, rspcod: str) -> None:
        super().__init__(rspcod)
        self.rspcod = rspcod


def mas_mac(call: str, body: dict[str, str]) -> str:
    """Hex MD5 of the values, joined with nothing. Source: protocols.md 3."""
    text = "".join(body[name] for name in SIGNED[call])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _error(rspcod: str) -> Response:
    remark(rspcod)
    return jsonify(rspcod=rspcod, msgGroup="", success=False)


def _refuse(error: MasError) -> Response:
    return _error(error.rspcod)


def make_blueprint(target: str, url_prefix: str) -> Blueprint:
    """The two calls at one address, with a fault switch of their own."""
    blueprint = Blueprint(target.replace(".", "_"), __name__, url_prefix=url_prefix)
    attach(blueprint, Platform(target=target, own_error=_error))
    blueprint.register_error_handler(MasError, _refuse)
    for call in SIGNED:
        view = partial(_submit, target, call)
        blueprint.add_url_rule(f"/{call}", call, view, methods=["POST"])
    return blueprint


def _submit(target: str, call: str) -> Response:
    body = _body(call)
    _check_account(body, call)
    mobiles = body["mobiles"].split(",")
    if len(mobiles) > MOST_MOBILES:
        raise MasError("TooManyMobiles")
    text = body["content"] if call == "norsubmit" else _filled(body)
    if not text or not all(MOBILE.fullmatch(mobile) for mobile in mobiles):
        raise MasError("InvalidMessage")
    raw = {name: value for name, value in body.items() if name not in {"secretKey", "mac"}}
    world, group = this_world(), secrets.token_hex(10)
    for mobile in mobiles:
        world.inbox.deliver("sms", mobile, provider=target, text=text, raw=raw)
        report(world, Sent(target.removeprefix("sms."), group, mobile))
    return jsonify(rspcod="success", msgGroup=group, success=True)


def _body(call: str) -> dict[str, str]:
    try:
        body: Any = json.loads(base64.b64decode(request.get_data(), validate=False))
    except ValueError:
        raise MasError("InvalidMessage") from None
    names = (*SIGNED[call], "mac")
    if not isinstance(body, dict) or not all(isinstance(body.get(n), str) for n in names):
        raise MasError("InvalidMessage")
    return {name: body[name] for name in names}


def _check_account(body: dict[str, str], call: str) -> None:
    account = ACCOUNTS.get(body["ecName"])
    if account is None or not _is_right(body, account):
        raise MasError("InvalidUsrOrPwd")
    if not hmac.compare_digest(mas_mac(call, body).encode(), body["mac"].lower().encode()):
        raise MasError("IllegalMac")
    if not body["sign"]:
        raise MasError("NoSignId")
    if body["sign"] != account.sign:
        raise MasError("IllegalSignId")


def _is_right(body: dict[str, str], account: MasCredentials) -> bool:
    secret = hmac.compare_digest(body["secretKey"].encode(), account.secret_key.encode())
    return secret and body["apId"] == account.ap_id


def _filled(body: dict[str, str]) -> str:
    template = TEMPLATES.get(body["templateId"])
    try:
        params = json.loads(body["params"])
    except ValueError:
        raise MasError("InvalidMessage") from None
    texts = isinstance(params, list) and all(isinstance(param, str) for param in params)
    if template is None or not texts:
        raise MasError("InvalidMessage")
    given = [] if params == [""] and template.parameters == 0 else params
    if len(given) != template.parameters:
        raise MasError("InvalidMessage")
    return template.fill(given)
