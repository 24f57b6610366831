"""The request's surroundings: dependencies, the visitor behind it, and the actor for the audit."""

from __future__ import annotations

import re
import secrets
from typing import cast

from flask import Flask, current_app, g, request, session

from handlers.web_settings import WebSettings
from wxbackend.domain.actors import Actor
from wxbackend.domain.roles import Role
from wxbackend.logs import request_id
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.office_settings import refresh_policy
from wxbackend.services.visitors import (
    NOBODY,
    Member,
    Visitor,
    actor_of,
    load_token_holder,
    load_visitor,
)

_SESSION_KEY = "sid"
_BROWSER_KEY = "browser"
_API_PREFIX = "/api/"
_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,40}")


def dependencies() -> Dependencies:
    return cast(Dependencies, current_app.extensions["wxbackend"])


def web_settings() -> WebSettings:
    return cast(WebSettings, current_app.extensions["wxbackend.web"])


def visitor() -> Visitor:
    """The one behind this request, loaded once."""
    if "visitor" not in g:
        g.visitor = _load_visitor()
    return cast(Visitor, g.visitor)


def actor(member: Member | None = None) -> Actor:
    return actor_of(visitor(), member, source=source_address(), request_id=request_id.get())


def member_of(role: Role) -> Member:
    """The visitor as a member of this role; the guard of the blueprint has made sure.

    Raises: LookupError.
    """
    member = visitor().member(role)
    if member is None:
        raise LookupError(role)
    return member


def is_api() -> bool:
    """Whether this is a call of the API: JSON only, a bearer token instead of cookies."""
    return request.path.startswith(_API_PREFIX)


def bearer_token() -> str | None:
    """The token of a call of the API, as the program sent it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def source_address() -> str:
    return request.remote_addr or ""


def is_wechat() -> bool:
    """Whether WeChat's own browser asks (or the sandbox's phone, which carries a cookie)."""
    agent = request.user_agent.string
    if "MicroMessenger" in agent:
        return True
    cookie = web_settings().client_cookie
    return bool(cookie) and cookie in request.cookies


def may_act_as_wechat() -> bool:
    """Whether OAuth can be begun from here; beside the sandbox any browser may."""
    return is_wechat() or bool(web_settings().client_cookie)


def session_secret() -> str | None:
    found = session.get(_SESSION_KEY)
    return found if isinstance(found, str) else None


def keep_session(secret: str) -> None:
    """Hand the browser a new session; what hung on the old one (CSRF token) goes with it."""
    browser = session.get(_BROWSER_KEY)
    session.clear()
    session.permanent = True
    session[_SESSION_KEY] = secret
    if browser:
        session[_BROWSER_KEY] = browser
    g.pop("visitor", None)


def forget_session() -> None:
    session.clear()
    g.pop("visitor", None)


def browser_key() -> str | None:
    found = session.get(_BROWSER_KEY)
    return found if isinstance(found, str) else None


def ensure_browser_key(new_key: str) -> str:
    """The key that ties an OAuth state to this browser; made at the first need."""
    session.permanent = True
    return cast(str, session.setdefault(_BROWSER_KEY, new_key))


def _load_visitor() -> Visitor:
    deps = dependencies()
    if is_api():
        return load_token_holder(bearer_token(), now=deps.clock(), policy=deps.policy.sign_in)
    found = load_visitor(session_secret(), now=deps.clock(), policy=deps.policy.sign_in)
    persona = request.cookies.get(web_settings().client_cookie or "-")
    if persona and found.openid and found.openid != persona:
        return NOBODY  # the sandbox's phone was handed to another person
    return found


def add_request_ids(app: Flask) -> None:
    """Give every request an id: the proxy's, if it sends a sane one, or a fresh one."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        request_id.set(given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8))

    @app.after_request
    def answer(response):  # type: ignore[no-untyped-def]
        response.headers["X-Request-Id"] = request_id.get()
        return response


def add_live_policy(app: Flask) -> None:
    """Before a request, read what an admin set meanwhile (at most every ten seconds)."""

    @app.before_request
    def refresh() -> None:
        if request.endpoint != "static" and request.blueprint != "health":
            refresh_policy(dependencies())
