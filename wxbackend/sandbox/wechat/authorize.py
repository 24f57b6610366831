"""/connect/oauth2/authorize: the page behind which WeChat says who holds the phone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.addresses import host_of, is_loopback, is_web_address, port_of, same_host
from wxbackend.sandbox.exchange import attach_pages, remark, this_world
from wxbackend.sandbox.personas import Persona

blueprint = Blueprint("wechat_pages", __name__)
attach_pages(blueprint, "wechat")

COOKIE = "sandbox_persona"
COOKIE_SECONDS = 30 * 86_400
SCOPES = ("snsapi_base", "snsapi_userinfo")


@dataclass(frozen=True)
class Wish:
    """What the app asks for in the query."""

    redirect_uri: str
    scope: str
    state: str


@blueprint.get("/connect/oauth2/authorize")
def authorize() -> AnyResponse:
    problem = _problem()
    if problem:
        remark(f"page {problem}")
        return make_response(render_template("sandbox/wechat_error.html", code=problem))
    wish = Wish(*(request.args.get(name, "") for name in ("redirect_uri", "scope", "state")))
    personas = this_world().personas
    named = request.args.get("as")
    persona = personas.find(named if named is not None else request.cookies.get(COOKIE))
    if persona is None:
        return _ask_who(wish, unknown=named)
    return remember(_answer(wish, persona, silent=named is not None), persona.openid)


def remember(response: AnyResponse, openid: str) -> AnyResponse:
    """Keep who holds the phone, for the host name in the address bar and all its ports."""
    response.set_cookie(
        COOKIE, openid, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="Lax"
    )
    return response


def _problem() -> int | None:
    """The number of the platform's error page; None when all is well. Source: wechat.md 5.1."""
    query = request.args
    problems = {
        10012: not query.get("appid"),
        10016: query.get("appid") != WECHAT.app_id,
        10011: not query.get("redirect_uri"),
        10003: not _is_allowed(query.get("redirect_uri", "")),
        10010: not query.get("scope"),
        10005: query.get("scope") not in SCOPES or query.get("response_type") != "code",
        10013: not query.get("state"),
    }
    return next((code for code, wrong in problems.items() if wrong), None)


def _is_allowed(redirect_uri: str) -> bool:
    """Our app's host and no port; on this machine alone a port may stand."""
    if not is_web_address(redirect_uri):
        return False
    host = host_of(redirect_uri)
    has_port = port_of(redirect_uri) is not None
    ours = same_host(host, host_of(this_world().options.app_url))
    return ours and (not has_port or is_loopback(host))


def _ask_who(wish: Wish, unknown: str | None) -> Response:
    personas = this_world().personas.everyone()
    page = render_template(
        "sandbox/who.html",
        choices=[(persona, _again(**{"as": persona.openid})) for persona in personas],
        app_host=host_of(wish.redirect_uri),
        unknown=unknown,
    )
    return make_response(page, 404 if unknown else 200)


def _again(**changes: str) -> str:
    """The same question with some of its parameters changed."""
    query = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode(query)}"


def _answer(wish: Wish, persona: Persona, *, silent: bool) -> AnyResponse:
    oauth = this_world().wechat.oauth
    consent = request.args.get("consent")
    if wish.scope == "snsapi_userinfo" and not silent and consent is None:
        return _ask_consent(persona)
    mode = oauth.take_mode()
    if mode == "deny" or consent == "deny":
        remark("denied")
        return redirect(_return_address(wish))
    code = oauth.issue_code(persona.openid, wish.scope, snapshot=mode == "snapshot")
    first = _return_address(wish, code)
    if mode == "double_callback_same_code":
        return _call_twice(first, first)
    if mode == "double_callback_new_code":
        other = oauth.issue_code(persona.openid, wish.scope)
        return _call_twice(first, _return_address(wish, other))
    return redirect(first)


def _ask_consent(persona: Persona) -> Response:
    page = render_template(
        "sandbox/consent.html",
        persona=persona,
        allow=_again(consent="allow"),
        deny=_again(consent="deny"),
    )
    return make_response(page)


def _call_twice(first: str, second: str) -> Response:
    """WeChat's own habit: it calls the address, drops that, and calls again at once."""
    remark("called twice")
    return make_response(render_template("sandbox/twice.html", first=first, second=second))


def _return_address(wish: Wish, code: str | None = None) -> str:
    parts = urlsplit(wish.redirect_uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if code is not None:
        query.append(("code", code))
    query.append(("state", wish.state))
    return urlunsplit(parts._replace(query=urlencode(query), fragment=parts.fragment))
