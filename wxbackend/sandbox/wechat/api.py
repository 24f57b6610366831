"""The blueprint of WeChat's API, and the guard that asks for a living access token."""

from __future__ import annotations

from flask import Blueprint, request

from wxbackend.sandbox.exchange import Platform, attach, this_world
from wxbackend.sandbox.wechat.answers import error_answer, own_error
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.world import World

CLOSED = ("/cgi-bin/", "/wxa/")
PROGRAM_MESSAGES = "/cgi-bin/message/subscribe/send"

blueprint = Blueprint("wechat_api", __name__)
attach(
    blueprint,
    Platform(
        target="wechat",
        own_error=own_error,
        token_codes=frozenset({"40001", "40014", "42001"}),
        forget_tokens=lambda world: _forget_tokens(world),
        carries_token=lambda: request.path.startswith(CLOSED) and _token() is not None,
    ),
)
blueprint.register_error_handler(WeChatError, error_answer)

OPEN_CALLS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token"})


def _forget_tokens(world: World) -> None:
    world.wechat.tokens.revoke()
    world.mini_program.tokens.revoke()


def _token() -> str | None:
    return request.args.get("access_token")


@blueprint.before_request
def _ask_for_token() -> None:
    if not request.path.startswith(CLOSED) or request.path in OPEN_CALLS:
        return
    world = this_world()
    if _is_of_program():
        world.mini_program.tokens.check(_token() or "")
        return
    world.wechat.tokens.check(_token() or "")
    world.wechat.quota.spend_if_lowered(request.path.removeprefix("/cgi-bin/"))


def _is_of_program() -> bool:
    return request.path.startswith("/wxa/") or request.path == PROGRAM_MESSAGES
