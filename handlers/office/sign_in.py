"""Signing in on the PC: the same services as on the phone, in the back office's look."""

from __future__ import annotations

from handlers.sign_in import SignInPages, make_sign_in

blueprint = make_sign_in(
    "office_sign_in",
    "/office/sign-in",
    SignInPages("office/sign_in_password.html", "office/sign_in_phone.html", is_office=True),
)
