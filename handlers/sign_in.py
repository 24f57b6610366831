"""Signing in: account and password, or a lead's phone and code."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, keep_session, session_secret, visitor
from handlers.guards import anyone_known, guarded
from handlers.local_paths import local_path
from handlers.ports import HOMES
from wxbackend.domain.errors import InvalidForm, InvalidValue, TooMany
from wxbackend.services.code_sign_in import send_code, sign_in_with_code
from wxbackend.services.sign_in import SignedIn, sign_in_with_password
from wxbackend.services.visitors import open_anonymous_session

blueprint = guarded(Blueprint("sign_in", __name__, url_prefix="/sign-in"), anyone_known)


@blueprint.get("")
def password_form() -> ResponseReturnValue:
    return render_template("sign_in/password.html", account="", errors={})


@blueprint.post("")
def password() -> ResponseReturnValue:
    name = request.form.get("account", "")[:80]
    try:
        signed_in = sign_in_with_password(
            dependencies(),
            visitor(),
            name=name,
            password=request.form.get("password", "")[:200],
            old_secret=session_secret(),
            actor=actor(),
        )
    except InvalidForm as wrong:
        page = render_template("sign_in/password.html", account=name, errors=wrong.errors)
        return page, 422
    return _go_on(signed_in)


@blueprint.get("/phone")
def phone_form() -> ResponseReturnValue:
    return _phone_page("", {}, code_was_sent=False)


@blueprint.post("/phone/code")
def phone_code() -> ResponseReturnValue:
    """获取验证码: the answer is the same for every number."""
    phone = request.form.get("phone", "")[:30]
    if visitor().session_id is None:
        deps = dependencies()
        keep_session(
            open_anonymous_session(return_path="", now=deps.clock(), policy=deps.policy.sign_in)
        )
    try:
        send_code(dependencies(), visitor(), phone=phone, actor=actor())
    except InvalidForm as wrong:
        return _phone_page(phone, wrong.errors, code_was_sent=False), 422
    except TooMany as limit:
        errors = {"phone": InvalidValue(limit.code, **limit.facts)}
        return _phone_page(phone, errors, code_was_sent=limit.code == "code_too_soon"), 429
    return _phone_page(phone, {}, code_was_sent=True)


@blueprint.post("/phone")
def phone() -> ResponseReturnValue:
    number = request.form.get("phone", "")[:30]
    try:
        signed_in = sign_in_with_code(
            dependencies(),
            visitor(),
            phone=number,
            code=request.form.get("code", "")[:20],
            old_secret=session_secret(),
            actor=actor(),
        )
    except InvalidForm as wrong:
        return _phone_page(number, wrong.errors, code_was_sent=True), 422
    return _go_on(signed_in)


def _go_on(signed_in: SignedIn) -> ResponseReturnValue:
    keep_session(signed_in.secret)
    if signed_in.must_change_password:
        return redirect(url_for("account.password_form"))
    home = HOMES.get(signed_in.role, "ports.home")
    return redirect(local_path(signed_in.return_path, default=url_for(home)))


def _phone_page(phone: str, errors: dict[str, InvalidValue], *, code_was_sent: bool) -> str:
    return render_template(
        "sign_in/phone.html", phone=phone, errors=errors, code_was_sent=code_was_sent
    )
