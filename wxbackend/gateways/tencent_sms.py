"""Tencent Cloud SMS, for sign-in codes: its rules refuse texts of government and party offices."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.sms_client import SmsClient

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.domain.sms_templates import SmsTemplate
from wxbackend.gateways.errors import TemporaryGatewayError
from wxbackend.gateways.http import translate
from wxbackend.gateways.interfaces.messages import DeliveryReport, ShortMessage
from wxbackend.gateways.receipts import code_of, moment_of, phone_of, text_of

# The package writes requests and answers, phone numbers in them, to its debug log.
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)

# The first prefix that fits. Source: protocols.md section 3.
_ANSWERS = (
    ("LimitExceeded", Answer.THROTTLED),
    ("RequestLimitExceeded", Answer.THROTTLED),
    ("InternalError", Answer.TRANSIENT),
    ("AuthFailure", Answer.CONFIGURATION),
    ("UnauthorizedOperation", Answer.CONFIGURATION),
    ("FailedOperation", Answer.PERMANENT),
    ("InvalidParameter", Answer.PERMANENT),
    # The package's own: the connection broke without an answer, or a proxy answered.
    ("ClientNetworkError", Answer.UNKNOWN),
    ("ServerNetworkError", Answer.UNKNOWN),
)


MOST_CHARACTERS_OF_A_FACT = 12
_ARRIVED = {"SUCCESS": True, "FAIL": False}


class TencentSender:
    def __init__(
        self,
        *,
        base_url: str,
        region: str,
        secret_id: str,
        secret_key: str,
        sdk_app_id: str,
        sign_name: str,
        templates: Mapping[NotificationKind, SmsTemplate],
        timeout: timedelta,
    ) -> None:
        address = urlsplit(base_url)
        http = HttpProfile(
            protocol=address.scheme,
            endpoint=address.netloc,
            reqTimeout=max(1, int(timeout.total_seconds())),
        )
        profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http)
        self._client = SmsClient(Credential(secret_id, secret_key), region, profile)
        self._sdk_app_id = sdk_app_id
        self._sign_name = sign_name
        self._templates = templates

    @property
    def name(self) -> str:
        return "tencent"

    def carries(self, kind: NotificationKind) -> bool:
        return kind in self._templates

    def fits(self, message: ShortMessage) -> bool:
        template = self._templates[message.kind]
        return template.takes(message.facts, most_characters=MOST_CHARACTERS_OF_A_FACT)

    def send(self, message: ShortMessage) -> SendOutcome:
        template = self._templates[message.kind]
        request = {
            "PhoneNumberSet": [f"+86{message.phone}"],
            "SmsSdkAppId": self._sdk_app_id,
            "SignName": self._sign_name,
            "TemplateId": template.id,
            "TemplateParamSet": [message.facts[name] for name in template.facts],
        }
        try:
            answer = self._client.call_json("SendSms", request)
        except TencentCloudSDKException as error:
            return _failure(error)
        # What the package does not turn into its own: a line that broke within the answer, and
        # an answer of another shape.
        except requests.RequestException:
            return SendOutcome(Answer.UNKNOWN, "connection_lost")
        except (ValueError, KeyError, TypeError):
            return SendOutcome(Answer.UNKNOWN, "not_json")
        return _read(answer)

    def read_report(self, item: Mapping[str, Any]) -> DeliveryReport | None:
        arrived, reference = _ARRIVED.get(text_of(item, "report_status")), text_of(item, "sid")
        if arrived is None or not reference:
            return None
        return DeliveryReport(
            reference=reference,
            phone=phone_of(item, "mobile"),
            is_delivered=arrived,
            code=code_of(item, "errmsg"),
            at=moment_of(item, "user_receive_time"),
        )

    @property
    def receipt_answer(self) -> Mapping[str, Any]:
        return {"result": 0, "errmsg": "OK"}


def _failure(error: TencentCloudSDKException) -> SendOutcome:
    cause = error.__context__
    if isinstance(cause, requests.RequestException):
        gateway_error = translate(cause, "sms.tencent")
        if isinstance(gateway_error, TemporaryGatewayError):
            return SendOutcome(Answer.TRANSIENT, gateway_error.code)
    code = str(error.code or "")
    return SendOutcome(_meaning(code), code)


def _read(answer: Any) -> SendOutcome:
    try:
        (status,) = answer["Response"]["SendStatusSet"]
        code, reference = str(status["Code"]), str(status.get("SerialNo", ""))
    except (KeyError, TypeError, ValueError):
        return SendOutcome(Answer.UNKNOWN, "no_status")
    if code == "Ok":
        return SendOutcome(Answer.ACCEPTED, code, reference)
    return SendOutcome(_meaning(code), code)


def _meaning(code: str) -> Answer:
    return next((answer for prefix, answer in _ANSWERS if code.startswith(prefix)), Answer.UNKNOWN)
