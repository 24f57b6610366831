"""Signing in: account and password, or a lead's phone and code; on the phone and on the PC."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, keep_session, session_secret, visitor
from handlers.guards import anyone_known, guarded
from handlers.local_paths import local_path
from handlers.office.shell import first_page
from handlers.ports import HOMES
from wxbackend.domain.errors import InvalidForm, InvalidValue, TooMany
from wxbackend.domain.roles import Role
from wxbackend.services.code_sign_in import send_code, sign_in_with_code
from wxbackend.services.sign_in import SignedIn, sign_in_with_password
from wxbackend.services.visitors import open_anonymous_session


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The two pages' templates, and whether they lead into the back office."""

    password: str
    phone: str
    is_office: bool = False


def make_sign_in(name: str, url_prefix: str, pages: SignInPages) -> Blueprint:
    """The sign-in pages in one look; the rules are the services', whatever the look."""
    blueprint = guarded(Blueprint(name, __name__, url_prefix=url_prefix), anyone_known)

    @blueprint.get("")
    def password_form() -> ResponseReturnValue:
        return render_template(pages.password, account="", errors={})

    @blueprint.post("")
    def password() -> ResponseReturnValue:
        account = request.form.get("account", "")[:80]
        try:
            signed_in = sign_in_with_password(
                dependencies(),
                visitor(),
                name=account,
                password=request.form.get("password", "")[:200],
                old_secret=session_secret(),
                actor=actor(),
            )
        except InvalidForm as wrong:
            return render_template(pages.password, account=account, errors=wrong.errors), 422
        return _go_on(pages, signed_in)

    @blueprint.get("/phone")
    def phone_form() -> ResponseReturnValue:
        # The manual's address for leads: who is bound to this phone goes in at once.
        if not pages.is_office and visitor().member(Role.ENTERPRISE) is not None:
            return redirect(url_for(HOMES[Role.ENTERPRISE]))
        return _phone_page(pages, "", {}, code_was_sent=False)

    @blueprint.post("/phone/code")
    def phone_code() -> ResponseReturnValue:
        return _send_code(pages)

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
            return _phone_page(pages, number, wrong.errors, code_was_sent=True), 422
        return _go_on(pages, signed_in)

    return blueprint


def _send_code(pages: SignInPages) -> ResponseReturnValue:
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
        return _phone_page(pages, phone, wrong.errors, code_was_sent=False), 422
    except TooMany as limit:
        errors = {"phone": InvalidValue(limit.code, **limit.facts)}
        was_sent = limit.code == "code_too_soon"
        return _phone_page(pages, phone, errors, code_was_sent=was_sent), 429
    return _phone_page(pages, phone, {}, code_was_sent=True)


def _go_on(pages: SignInPages, signed_in: SignedIn) -> ResponseReturnValue:
    keep_session(signed_in.secret)
    if signed_in.must_change_password:
        return redirect(url_for("account.password_form"))
    home = first_page() if pages.is_office else url_for(HOMES.get(signed_in.role, "ports.home"))
    return redirect(local_path(signed_in.return_path, default=home))


def _phone_page(
    pages: SignInPages, phone: str, errors: dict[str, InvalidValue], *, code_was_sent: bool
) -> str:
    return render_template(pages.phone, phone=phone, errors=errors, code_was_sent=code_was_sent)


blueprint = make_sign_in(
    "sign_in", "/sign-in", SignInPages("sign_in/password.html", "sign_in/phone.html")
)
