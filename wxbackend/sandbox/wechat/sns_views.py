"""/sns/: what the app's server exchanges a code for."""

from __future__ import annotations

from flask import Response, request

from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.wechat.answers import ok, plain_answer
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.oauth import GRANT_SECONDS, Grant, union_id
from wxbackend.sandbox.wechat.token_views import check_app

PROFILE_SCOPE = "snsapi_userinfo"


@blueprint.get("/sns/oauth2/access_token")
def access_token() -> Response:
    check_app(request.args.get("appid"), request.args.get("secret"))
    if request.args.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    code = request.args.get("code")
    if not code:
        raise WeChatError(41008)
    return _granted(this_world().wechat.oauth.redeem(code))


@blueprint.get("/sns/oauth2/refresh_token")
def refresh_token() -> Response:
    if request.args.get("appid") != WECHAT.app_id:
        raise WeChatError(40013)
    if request.args.get("grant_type") != "refresh_token":
        raise WeChatError(40002)
    token = request.args.get("refresh_token", "")
    return _granted(this_world().wechat.oauth.refresh(token))


def _granted(given: tuple[Grant, str, str]) -> Response:
    grant, access, refresh = given
    payload = {
        "access_token": access,
        "expires_in": GRANT_SECONDS,
        "refresh_token": refresh,
        "openid": grant.openid,
        "scope": grant.scope,
    }
    if grant.snapshot:
        payload["is_snapshotuser"] = 1
    if grant.scope == PROFILE_SCOPE:
        payload["unionid"] = union_id(grant.openid)
    return plain_answer(payload)


@blueprint.get("/sns/userinfo")
def userinfo() -> Response:
    openid = request.args.get("openid", "")
    grant = this_world().wechat.oauth.check(request.args.get("access_token", ""), openid)
    if grant.snapshot or grant.scope != PROFILE_SCOPE:
        raise WeChatError(48001)
    persona = this_world().personas.find(openid)
    profile = {"sex": 0, "province": "", "city": "", "country": "", "headimgurl": ""}
    return plain_answer(
        {
            "openid": openid,
            "nickname": persona.nickname if persona else "",
            **profile,
            "privilege": [],
            "unionid": union_id(openid),
        }
    )


@blueprint.get("/sns/auth")
def auth() -> Response:
    openid = request.args.get("openid", "")
    this_world().wechat.oauth.check(request.args.get("access_token", ""), openid)
    return ok()
