"""Tencent Cloud SMS: SendSms 2021-01-11, its TC3-HMAC-SHA256 signature really checked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wxbackend.sandbox.accounts import TENCENT, TENCENT_TEMPLATES, SmsTemplate
from wxbackend.sandbox.exchange import Platform, attach, remark, this_world
from wxbackend.sandbox.sms.receipts import Sent, report

CLOCK_SKEW_SECONDS = 300
MOST_NUMBERS = 200
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<scope>(?P<date>[\d-]+)/sms/tc3_request),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
NUMBER = re.compile(r"(?:\+?0{0,2}86)?(1\d{10})")
TEMPLATES = {template.id: template for template in TENCENT_TEMPLATES.values()}

# These end the whole call; every other code is told number by number.
WHOLE_CALL = ("AuthFailure", "UnauthorizedOperation", "InternalError", "RequestLimitExceeded")


class TencentError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _answer(**payload: Any) -> Response:
    return jsonify(Response={**payload, "RequestId": secrets.token_hex(16)})


def _own_error(code: str) -> Response:
    remark(code)
    if code.startswith(WHOLE_CALL):
        return _answer(Error={"Code": code, "Message": f"sandbox: {code}"})
    body = request.get_json(force=True, silent=True)
    numbers = body.get("PhoneNumberSet", []) if isinstance(body, dict) else []
    return _answer(SendStatusSet=[_status(str(number), code) for number in numbers])


def _status(number: str, code: str) -> dict[str, Any]:
    sent = code == "Ok"
    return {
        "SerialNo": f"2019:{secrets.randbelow(10**18)}" if sent else "",
        "PhoneNumber": number,
        "Fee": int(sent),
        "SessionContext": "",
        "Code": code,
        "Message": "send success" if sent else f"sandbox: {code}",
        "IsoCode": "CN",
    }


blueprint = Blueprint("sms_tencent", __name__)
attach(blueprint, Platform(target="sms.tencent", own_error=_own_error))


@blueprint.errorhandler(TencentError)
def _refuse(error: TencentError) -> Response:
    return _own_error(error.code)


@blueprint.post("/")
@blueprint.post("/tencent-sms/")
def send_sms() -> Response:
    """Send one text to up to 200 numbers. The vendor's own package always posts to `/`."""
    _check_signature()
    if request.headers.get("X-TC-Action") != "SendSms":
        raise TencentError("InvalidAction")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise TencentError("InternalError.JsonParseFail")
    numbers = body.get("PhoneNumberSet")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_NUMBERS:
        raise TencentError("InvalidParameterValue.IncorrectPhoneNumber")
    template = _checked_template(body)
    params = [str(param) for param in body.get("TemplateParamSet") or []]
    if template.parameters != len(params):
        raise TencentError("FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
    text = template.fill(params)
    return _answer(SendStatusSet=[_send(str(number), text, body=body) for number in numbers])


def _checked_template(body: dict[str, Any]) -> SmsTemplate:
    if body.get("SmsSdkAppId") != TENCENT.sdk_app_id:
        raise TencentError("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
    if body.get("SignName") != TENCENT.sign_name:
        raise TencentError("FailedOperation.SignatureIncorrectOrUnapproved")
    template = TEMPLATES.get(str(body.get("TemplateId")))
    if template is None:
        raise TencentError("FailedOperation.TemplateIncorrectOrUnapproved")
    return template


def _send(number: str, text: str, *, body: dict[str, Any]) -> dict[str, Any]:
    match = NUMBER.fullmatch(number)
    if match is None:
        return _status(number, "InvalidParameterValue.IncorrectPhoneNumber")
    this_world().inbox.deliver(
        "sms", match[1], provider="sms.tencent", text=text, raw={**body, "number": number}
    )
    status = _status(f"+86{match[1]}", "Ok")
    report(this_world(), Sent("tencent", status["SerialNo"], match[1]))
    return status


def _check_signature() -> None:
    """Let a rightly signed call pass.

    Raises:
        TencentError: AuthFailure.*
    """
    match = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    timestamp = request.headers.get("X-TC-Timestamp", "")
    if match is None or not timestamp.isdecimal():
        raise TencentError("AuthFailure.SignatureFailure")
    if match["id"] != TENCENT.secret_id:
        raise TencentError("AuthFailure.SecretIdNotFound")
    if abs(this_world().clock.now() - int(timestamp)) > CLOCK_SKEW_SECONDS:
        raise TencentError("AuthFailure.SignatureExpire")
    day = datetime.fromtimestamp(int(timestamp), UTC).date().isoformat()
    if match["date"] != day or not hmac.compare_digest(_expected(match), match["signature"]):
        raise TencentError("AuthFailure.SignatureFailure")


def _expected(match: re.Match[str]) -> str:
    """The signature that the caller should have made. Source: Tencent Cloud API 3.0, TC3."""
    headers = match["headers"].split(";")
    signed = "".join(
        f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in headers
    )
    payload = hashlib.sha256(request.get_data()).hexdigest()
    canonical = f"POST\n{request.path}\n\n{signed}\n{match['headers']}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{request.headers['X-TC-Timestamp']}\n{match['scope']}\n{digest}"
    key = f"TC3{TENCENT.secret_key}".encode()
    for part in (match["date"], "sms", "tc3_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()
