"""Aliyun SMS: SendSms 2017-05-25, its ACS3-HMAC-SHA256 signature really checked."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import ALIYUN, ALIYUN_TEMPLATES, SmsTemplate
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.sms.receipts import Sent, report
from wxbackend.sandbox.tif import TifError

CLOCK_SKEW_SECONDS = 900
MOST_NUMBERS = 1_000
MOST_CHARACTERS_OF_A_PARAMETER = 35
AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<id>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
NUMBER = re.compile(r"(?:\+?86)?(1\d{10})")
TEMPLATES = {template.id: template for template in ALIYUN_TEMPLATES.values()}
# What is wrong with the text is told beside HTTP 200; what is wrong with the call is not.
STATUS = {"InvalidAccessKeyId.NotFound": 404, "Throttling.User": 400, "InternalError": 500}


class AliyunError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _answer(code: str, **more: Any) -> Response:
    return jsonify(Code=code, Message=code, RequestId=secrets.token_hex(16).upper(), **more)


def _own_error(code: str) -> Response:
    remark(code)
    response = _answer(code)
    if not code.startswith(("isv.", "isp.")):
        response.status_code = STATUS.get(code, 400)
    return response


blueprint = Blueprint("sms_aliyun", __name__, url_prefix="/aliyun-sms")
attach(blueprint, Platform(target="sms.aliyun", own_error=_own_error))


@blueprint.errorhandler(AliyunError)
def _refuse(error: AliyunError) -> Response:
    return _own_error(error.code)


@blueprint.post("/")
def send_sms() -> Response:
    """Send one text, with the same values, to up to 1,000 numbers."""
    _check_signature()
    if request.headers.get("x-acs-action") != "SendSms":
        raise AliyunError("InvalidAction.NotFound")
    text = _text()
    numbers = request.args.get("PhoneNumbers", "").split(",")
    mobiles = [match[1] for number in numbers if (match := NUMBER.fullmatch(number))]
    if len(mobiles) != len(numbers):
        raise AliyunError("isv.MOBILE_NUMBER_ILLEGAL")
    if len(mobiles) > MOST_NUMBERS:
        raise AliyunError("isv.MOBILE_COUNT_OVER_LIMIT")
    world, biz_id = this_world(), f"{secrets.randbelow(10**18):018}^0"
    for mobile in mobiles:
        raw = dict(request.args)
        world.inbox.deliver("sms", mobile, provider="sms.aliyun", text=text, raw=raw)
        sent = Sent("aliyun", biz_id, mobile, own_reference=request.args.get("OutId", ""))
        report(world, sent)
    return _answer("OK", BizId=biz_id)


def _text() -> str:
    """The registered text with the named values in it."""
    if request.args.get("SignName") != ALIYUN.sign_name:
        raise AliyunError("isv.SMS_SIGNATURE_ILLEGAL")
    template = TEMPLATES.get(request.args.get("TemplateCode", ""))
    if template is None:
        raise AliyunError("isv.SMS_TEMPLATE_ILLEGAL")
    try:
        values = json.loads(request.args.get("TemplateParam", "{}"))
    except ValueError:
        raise AliyunError("isv.INVALID_JSON_PARAM") from None
    if not isinstance(values, dict) or not set(template.names) <= set(values):
        raise AliyunError("isv.TEMPLATE_MISSING_PARAMETERS")
    return _filled(template, {name: str(value) for name, value in values.items()})


def _filled(template: SmsTemplate, values: dict[str, str]) -> str:
    for value in values.values():
        if len(value) > MOST_CHARACTERS_OF_A_PARAMETER:
            raise AliyunError("isv.PARAM_LENGTH_LIMIT")
        if "://" in value:
            raise AliyunError("isv.PARAM_NOT_SUPPORT_URL")
    return template.text.format_map(values)


def _check_signature() -> None:
    """Let a rightly signed call pass.

    Raises:
        AliyunError: what the platform says of a wrong one.
    """
    match = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise AliyunError("IncompleteSignature")
    if match["id"] != ALIYUN.access_key_id:
        raise AliyunError("InvalidAccessKeyId.NotFound")
    try:
        at = datetime.fromisoformat(request.headers.get("x-acs-date", "")).timestamp()
    except ValueError:
        raise AliyunError("InvalidTimeStamp.Format") from None
    if abs(this_world().clock.now() - at) > CLOCK_SKEW_SECONDS:
        raise AliyunError("InvalidTimeStamp.Expired")
    nonce = request.headers.get("x-acs-signature-nonce", "")
    if not hmac.compare_digest(_expected(match), match["signature"]):
        raise AliyunError("SignatureDoesNotMatch")
    try:
        this_world().nonces.check("aliyun", nonce)
    except TifError:
        raise AliyunError("SignatureNonceUsed") from None


def _expected(match: re.Match[str]) -> str:
    """The signature that the caller should have made. Source: Aliyun's signature version 3."""
    names = match["headers"].split(";")
    signed = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(request.args.items())
    )
    payload = hashlib.sha256(request.get_data()).hexdigest()
    canonical = f"POST\n{request.path}\n{query}\n{signed}\n{match['headers']}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"ACS3-HMAC-SHA256\n{digest}"
    key = ALIYUN.access_key_secret.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
