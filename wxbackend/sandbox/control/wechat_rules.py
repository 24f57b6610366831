"""How WeChat treats tokens, addresses and quotas: the rules that a test makes harder."""

from __future__ import annotations

from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, jsonify

from wxbackend.sandbox.control.asking import ControlError, body, only, refuse
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.wechat.tokens import TokenRules

blueprint = Blueprint("control_wechat_rules", __name__, url_prefix="/sandbox")
blueprint.register_error_handler(ControlError, refuse)


@blueprint.get("/wechat-rules")
def rules() -> Response:
    """The rules, and how many tokens have died since the start."""
    wechat = this_world().wechat
    return jsonify(
        tokens=asdict(wechat.tokens.rules), died=wechat.tokens.died, quotas=wechat.quota.lowered
    )


@blueprint.put("/wechat-rules/tokens")
def put_tokens() -> Response:
    """The given rules; those that are left out are the platform's ordinary ones."""
    payload = body()
    only(payload, ["honoured", "dies_after", "sticky", "unlisted"])
    this_world().wechat.tokens.rules = TokenRules(
        honoured=_whole(payload.get("honoured"), "honoured"),
        dies_after=_range(payload.get("dies_after")),
        sticky=payload.get("sticky") is True,
        unlisted=_address(payload.get("unlisted")),
    )
    return rules()


@blueprint.put("/wechat-rules/quotas")
def put_quotas() -> Response:
    """So many calls a day instead, by call: `{"message/template/send": 3}`; `{}` ends it."""
    lowered: dict[str, int] = {}
    for call, most in body().items():
        if isinstance(most, bool) or not isinstance(most, int) or most < 0:
            raise ControlError(f"{call} must be a whole number from 0")
        lowered[call] = most
    this_world().wechat.quota.lowered = lowered
    return rules()


def _whole(value: Any, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ControlError(f"{name} must be a whole number from 1, or null")
    return value


def _range(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise ControlError("dies_after must be two whole numbers, or null")
    first, last = (_whole(number, "dies_after") or 0 for number in value)
    if not 1 <= first <= last:
        raise ControlError("dies_after must be two whole numbers, the smaller one first")
    return first, last


def _address(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return str(ip_address(str(value)))
    except ValueError:
        raise ControlError("unlisted must be an address, or null") from None
