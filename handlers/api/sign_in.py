"""Signing in: every way ends in a bearer token."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from pydantic import Field

from handlers.api.guards import anybody
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Asked
from handlers.context import actor, dependencies
from handlers.guards import guarded
from wxbackend.services import api_tokens
from wxbackend.services.api_tokens import IssuedToken, SentCode

blueprint = guarded(Blueprint("api_sign_in", __name__, url_prefix="/api/v1/sign-in"), anybody)

Code = Annotated[str, Field(min_length=1, max_length=128)]


class WechatSignIn(Asked):
    """`js_code` comes from `wx.login`."""

    js_code: Code


class PhoneSignIn(Asked):
    """`phone_code` comes from the button with `open-type="getPhoneNumber"`."""

    js_code: Code
    phone_code: Code


class PasswordSignIn(Asked):
    """With a `js_code` the token stands for the WeChat user too."""

    account: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    js_code: Code | None = None


class SmsCodeRequest(Asked):
    phone: Annotated[str, Field(min_length=1, max_length=30)]


class SmsSignIn(Asked):
    """`ticket` is what the request for the code answered."""

    ticket: Annotated[str, Field(min_length=1, max_length=80)]
    phone: Annotated[str, Field(min_length=1, max_length=30)]
    code: Annotated[str, Field(min_length=1, max_length=20)]
    js_code: Code | None = None


class TokenAnswer(Answer):
    """`token` goes into `Authorization: Bearer …`; it is shown this once."""

    token: str
    roles: list[str]
    must_change_password: bool


class SmsTicket(Answer):
    ticket: str


@blueprint.post("/wechat")
@operation("Sign in as a driver", takes=WechatSignIn, gives=TokenAnswer, refuses=(401, 503))
def wechat(body: WechatSignIn) -> IssuedToken:
    """Whoever uses the mini-program may; the token stands for the openid."""
    return api_tokens.sign_in_with_wechat(dependencies(), js_code=body.js_code)


@blueprint.post("/phone")
@operation(
    "Sign in by WeChat's phone number", takes=PhoneSignIn, gives=TokenAnswer, refuses=(401, 503)
)
def phone(body: PhoneSignIn) -> IssuedToken:
    """The lead with this number; for any other number the driver."""
    return api_tokens.sign_in_with_phone(
        dependencies(), js_code=body.js_code, phone_code=body.phone_code, actor=actor()
    )


@blueprint.post("/password")
@operation(
    "Sign in with account and password",
    takes=PasswordSignIn,
    gives=TokenAnswer,
    refuses=(401, 503),
)
def password(body: PasswordSignIn) -> IssuedToken:
    """For accounts of every role; the lock-out is the pages'."""
    return api_tokens.sign_in_with_password(
        dependencies(),
        name=body.account,
        password=body.password,
        js_code=body.js_code,
        actor=actor(),
    )


@blueprint.post("/sms-codes")
@operation("Send a code to a lead's phone", takes=SmsCodeRequest, gives=SmsTicket)
def sms_code(body: SmsCodeRequest) -> SentCode:
    """The answer is the same for every number."""
    return api_tokens.send_sign_in_code(dependencies(), phone=body.phone, actor=actor())


@blueprint.post("/sms")
@operation("Sign in as a lead by SMS code", takes=SmsSignIn, gives=TokenAnswer, refuses=(401, 503))
def sms(body: SmsSignIn) -> IssuedToken:
    return api_tokens.sign_in_with_sms(
        dependencies(),
        ticket=body.ticket,
        phone=body.phone,
        code=body.code,
        js_code=body.js_code,
        actor=actor(),
    )
