"""/cgi-bin/token, stable_token, the tickets and the quota."""

from __future__ import annotations

import hmac

from flask import Response, request

from wxbackend.sandbox.accounts import (
    MINI_PROGRAM,
    WECHAT,
    MiniProgramCredentials,
    WeChatCredentials,
)
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.wechat.answers import answer, json_body, ok
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.tokens import LIFE_SECONDS

AppCredentials = WeChatCredentials | MiniProgramCredentials
TICKET_KINDS = ("jsapi", "wx_card")


def check_app(app_id: str | None, secret: str | None, *, known: AppCredentials = WECHAT) -> None:
    """Let our own app id and secret pass.

    Raises:
        WeChatError: 41002, 41004 missing; 40013, 40125 wrong.
    """
    if not app_id:
        raise WeChatError(41002)
    if app_id != known.app_id:
        raise WeChatError(40013)
    if not secret:
        raise WeChatError(41004)
    if not hmac.compare_digest(secret.encode(), known.app_secret.encode()):
        raise WeChatError(40125)


def check_address() -> None:
    """Let a caller pass whose address is on the account's white list.

    Raises:
        WeChatError: 40164, with the address.
    """
    unlisted = this_world().wechat.tokens.rules.unlisted
    if unlisted is not None:
        raise WeChatError(40164, f"invalid ip {unlisted} ipv6 ::ffff:{unlisted}, not in whitelist")


@blueprint.get("/cgi-bin/token")
def token() -> Response:
    if request.args.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    check_app(request.args.get("appid"), request.args.get("secret"))
    check_address()
    issued = this_world().wechat.tokens.fetch_plain()
    return answer({"access_token": issued.value, "expires_in": LIFE_SECONDS})


@blueprint.post("/cgi-bin/stable_token")
def stable_token() -> Response:
    body = json_body()
    if body.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    app_id, world = str(body.get("appid", "")), this_world()
    is_program = app_id == MINI_PROGRAM.app_id
    known = MINI_PROGRAM if is_program else WECHAT
    check_app(app_id, str(body.get("secret", "")), known=known)
    if not is_program:
        check_address()
    office = world.mini_program.tokens if is_program else world.wechat.tokens
    issued, seconds = office.fetch_stable(force=body.get("force_refresh") is True)
    return answer({"access_token": issued.value, "expires_in": seconds})


@blueprint.get("/cgi-bin/ticket/getticket")
def ticket() -> Response:
    kind = request.args.get("type", "")
    if kind not in TICKET_KINDS:
        raise WeChatError(40097)
    value, seconds = this_world().wechat.tokens.ticket(kind)
    return ok(ticket=value, expires_in=seconds)


@blueprint.post("/cgi-bin/clear_quota")
def clear_quota() -> Response:
    if json_body().get("appid") != WECHAT.app_id:
        raise WeChatError(40013)
    this_world().wechat.quota.clear()
    return ok()


@blueprint.get("/cgi-bin/get_api_domain_ip")
@blueprint.get("/cgi-bin/getcallbackip")
def server_addresses() -> Response:
    return answer({"ip_list": ["127.0.0.1"]})
