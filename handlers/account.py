"""One's own account: a new password, signing out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import (
    actor,
    dependencies,
    forget_session,
    is_wechat,
    session_secret,
    visitor,
)
from handlers.guards import guarded, signed_in
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.services.passwords import change_password
from wxbackend.services.visitors import Member, sign_out

blueprint = guarded(Blueprint("account", __name__, url_prefix="/account"), signed_in)


@blueprint.get("/password")
def password_form() -> ResponseReturnValue:
    return _password_page(_account_member(), {})


@blueprint.post("/password")
def password() -> ResponseReturnValue:
    member = _account_member()
    form = request.form
    try:
        change_password(
            dependencies(),
            account_id=member.account_id or 0,
            old=form.get("old", "")[:200],
            new=form.get("new", "")[:200],
            again=form.get("again", "")[:200],
            actor=actor(member),
        )
    except InvalidForm as wrong:
        return _password_page(member, wrong.errors), 422
    forget_session()
    door = "sign_in.password_form" if _is_phone() else "office_sign_in.password_form"
    return redirect(url_for(door, changed=1))


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """退出登录: the session ends, and on a phone the binding too."""
    for member in visitor().members:
        sign_out(member, session_secret() or "", actor=actor(member), now=dependencies().clock())
    forget_session()
    return redirect(url_for("ports.home"))


def _password_page(member: Member, errors: Mapping[str, InvalidValue]) -> str:
    days = dependencies().policy.sign_in.password_valid_for.days
    template = "sign_in/new_password.html" if _is_phone() else "office/new_password.html"
    return render_template(template, member=member, errors=errors, days=days)


def _is_phone() -> bool:
    """Whether the mobile look fits: WeChat, or a phone's own browser."""
    return is_wechat() or "Mobile" in request.user_agent.string


def _account_member() -> Member:
    found = next((one for one in visitor().members if one.account_id is not None), None)
    if found is None:
        raise NotFound
    return found
