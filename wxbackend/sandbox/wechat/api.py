"""The blueprint of WeChat's API, and the guard that asks for a living access token."""

from __future__ import annotations

from flask import Blueprint, request

from wxbackend.sandbox.exchange import Platform, attach, this_world
from wxbackend.sandbox.wechat.answers import error_answer, own_error
from wxbackend.sandbox.wechat.errors import WeChatError

blueprint = Blueprint("wechat_api", __name__)
attach(
    blueprint,
    Platform(
        target="wechat",
        own_error=own_error,
        token_codes=frozenset({"40001", "40014", "42001"}),
        forget_tokens=lambda world: world.wechat.tokens.revoke(),
        carries_token=lambda: request.path.startswith("/cgi-bin/") and _token() is not None,
    ),
)
blueprint.register_error_handler(WeChatError, error_answer)

OPEN_CALLS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token"})


def _token() -> str | None:
    return request.args.get("access_token")


@blueprint.before_request
def _ask_for_token() -> None:
    if request.path.startswith("/cgi-bin/") and request.path not in OPEN_CALLS:
        wechat = this_world().wechat
        wechat.tokens.check(_token() or "")
        wechat.quota.spend_if_lowered(request.path.removeprefix("/cgi-bin/"))
