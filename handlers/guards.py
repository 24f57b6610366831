"""Who may come in: every blueprint declares one guard, and “anyone” is a guard too."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.sansio.blueprints import Blueprint as BaseBlueprint
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, is_wechat, may_act_as_wechat, visitor
from handlers.oauth_redirect import begin_oauth_redirect
from handlers.refusals import refuse
from wxbackend.domain.roles import Role
from wxbackend.services.shifts import current_shift

Check = Callable[[], ResponseReturnValue | None]
"""Lets a request in by answering None, or answers it."""


def guarded(blueprint: Blueprint, check: Check) -> Blueprint:
    """Declare the guard of a blueprint; the app refuses to start with a blueprint that has none."""
    blueprint.before_request(check)
    blueprint.wxbackend_guard = check.__name__  # type: ignore[attr-defined]
    return blueprint


def guard_of(blueprint: BaseBlueprint) -> str | None:
    return getattr(blueprint, "wxbackend_guard", None)


def anyone() -> ResponseReturnValue | None:
    """Everybody may see this; it must show nothing personal by itself."""
    return None


def anyone_known() -> ResponseReturnValue | None:
    """Everybody; in WeChat the openid is asked for first, so that signing in can bind it."""
    if is_wechat() and visitor().wechat_user_id is None and request.method == "GET":
        return begin_oauth_redirect()
    return None


def drivers() -> ResponseReturnValue | None:
    """A WeChat user, known by the openid; outside WeChat there is none."""
    if visitor().wechat_user_id is not None:
        return None
    if request.method not in {"GET", "HEAD"}:
        return refuse("csrf", 401)
    return begin_oauth_redirect() if may_act_as_wechat() else refuse("not_wechat", 403)


def checkpoint_staff() -> ResponseReturnValue | None:
    return _members(Role.CHECKPOINT, "sign_in.password_form")


def staff_on_shift() -> ResponseReturnValue | None:
    """Checkpoint staff whose shift is open; others are led to signing in or to starting one."""
    answer = checkpoint_staff()
    if answer is not None:
        return answer
    member = visitor().member(Role.CHECKPOINT)
    if member is not None and current_shift(dependencies(), member) is None:
        return redirect(url_for("gate.home"))
    return None


def enterprise_leads() -> ResponseReturnValue | None:
    return _members(Role.ENTERPRISE, "sign_in.phone_form")


def town_users() -> ResponseReturnValue | None:
    return _members(Role.TOWN, "sign_in.password_form")


def signed_in() -> ResponseReturnValue | None:
    """Anybody with an account or as a lead, whatever the role."""
    if visitor().members:
        return None
    return redirect(url_for("sign_in.password_form"))


def _members(role: Role, sign_in_endpoint: str) -> ResponseReturnValue | None:
    member = visitor().member(role)
    if member is None:
        # In WeChat the openid may be bound to the role already: ask for it silently first.
        if is_wechat() and visitor().wechat_user_id is None and request.method == "GET":
            return begin_oauth_redirect()
        return redirect(url_for(sign_in_endpoint))
    if member.must_change_password:
        return redirect(url_for("account.password_form"))
    return None
