"""Aliyun SMS, the last resort of what has a template there. Why no SDK: docs/decisions/0014."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.domain.sms_templates import SmsTemplate
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.messages import DeliveryReport, ShortMessage
from wxbackend.gateways.receipts import code_of, moment_of, phone_of, text_of

_ALGORITHM = "ACS3-HMAC-SHA256"
_VERSION = "2017-05-25"
_EMPTY = hashlib.sha256(b"").hexdigest()
MOST_CHARACTERS_OF_A_FACT = 35
# It says what is wrong in a JSON beside these statuses; nothing was sent then.
_REFUSALS = frozenset({400, 403, 404, 429, 500, 503})

# The first prefix that fits. Source: the error codes of SendSms.
_ANSWERS = (
    ("isv.BUSINESS_LIMIT_CONTROL", Answer.THROTTLED),
    ("isv.DAY_LIMIT_CONTROL", Answer.THROTTLED),
    ("isv.MONTH_LIMIT_CONTROL", Answer.THROTTLED),
    ("Throttling", Answer.THROTTLED),
    ("isp.SYSTEM_ERROR", Answer.TRANSIENT),
    ("isp.GATEWAY_TIMEOUT", Answer.UNKNOWN),
    ("InternalError", Answer.TRANSIENT),
    ("ServiceUnavailable", Answer.TRANSIENT),
    ("isp.RAM_PERMISSION_DENY", Answer.CONFIGURATION),
    ("isv.ACCOUNT_", Answer.CONFIGURATION),
    ("isv.AMOUNT_NOT_ENOUGH", Answer.CONFIGURATION),
    ("isv.OUT_OF_SERVICE", Answer.CONFIGURATION),
    ("isv.PRODUCT_UN_SUBSCRIPT", Answer.CONFIGURATION),
    ("isv.PRODUCT_UNSUBSCRIBE", Answer.CONFIGURATION),
    ("isv.SMS_SIGN", Answer.CONFIGURATION),
    ("isv.SMS_TEMPLATE_ILLEGAL", Answer.CONFIGURATION),
    ("isv.TEMPLATE_MISSING_PARAMETERS", Answer.CONFIGURATION),
    ("isv.", Answer.PERMANENT),
    ("Forbidden", Answer.CONFIGURATION),
    ("IncompleteSignature", Answer.CONFIGURATION),
    ("InvalidAccessKeyId", Answer.CONFIGURATION),
    ("InvalidTimeStamp", Answer.CONFIGURATION),
    ("NoPermission", Answer.CONFIGURATION),
    ("SignatureDoesNotMatch", Answer.CONFIGURATION),
    ("SignatureNonceUsed", Answer.PERMANENT),
    ("Invalid", Answer.PERMANENT),
    ("Missing", Answer.PERMANENT),
)


class AliyunSender:
    def __init__(
        self,
        *,
        base_url: str,
        region: str,
        access_key_id: str,
        access_key_secret: str,
        sign_name: str,
        templates: Mapping[NotificationKind, SmsTemplate],
        timeout: timedelta,
    ) -> None:
        self._url = f"{base_url}/"
        self._region = region
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._sign_name = sign_name
        self._templates = templates
        self._http = JsonClient("sms.aliyun", timeout=timeout, readable=_REFUSALS)

    @property
    def name(self) -> str:
        return "aliyun"

    def carries(self, kind: NotificationKind) -> bool:
        return kind in self._templates

    def fits(self, message: ShortMessage) -> bool:
        template = self._templates[message.kind]
        return template.takes(message.facts, most_characters=MOST_CHARACTERS_OF_A_FACT)

    def send(self, message: ShortMessage) -> SendOutcome:
        template = self._templates[message.kind]
        facts = {name: message.facts[name] for name in template.facts}
        query = {
            "RegionId": self._region,
            "PhoneNumbers": message.phone,
            "SignName": self._sign_name,
            "TemplateCode": template.id,
            "TemplateParam": json.dumps(facts, ensure_ascii=False),
            "OutId": message.reference,
        }
        try:
            answer = self._call("SendSms", query)
        except ConfigurationGatewayError as error:
            return SendOutcome(Answer.CONFIGURATION, error.code)
        except TemporaryGatewayError as error:
            return SendOutcome(Answer.TRANSIENT, error.code)
        except UnknownOutcomeError as error:
            return SendOutcome(Answer.UNKNOWN, error.code)
        return _read(answer)

    def _call(self, action: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Raises: GatewayError."""
        address = urlsplit(self._url)
        headers = {
            "content-type": "application/json",
            "host": address.netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": _EMPTY,
            "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": _VERSION,
        }
        headers["Authorization"] = self.authorization(address.path, query, headers)
        # Sent exactly as it was signed.
        return self._http.post(f"{self._url}?{_encoded(query)}", body=b"", headers=headers)

    def authorization(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], /
    ) -> str:
        """The header that signs a POST without a body. Source: Aliyun's signature version 3."""
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"POST\n{path}\n{_encoded(query)}\n{lines}\n{names}\n{_EMPTY}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(
            self._access_key_secret.encode(), f"{_ALGORITHM}\n{digest}".encode(), hashlib.sha256
        ).hexdigest()
        return (
            f"{_ALGORITHM} Credential={self._access_key_id},"
            f"SignedHeaders={names},Signature={signature}"
        )

    def read_report(self, item: Mapping[str, Any]) -> DeliveryReport | None:
        success, reference = item.get("success"), text_of(item, "biz_id")
        own_reference = text_of(item, "out_id")
        if not isinstance(success, bool) or not (reference or own_reference):
            return None
        return DeliveryReport(
            reference=reference,
            phone=phone_of(item, "phone_number"),
            is_delivered=success,
            code=code_of(item, "err_code"),
            at=moment_of(item, "report_time"),
            own_reference=own_reference,
        )

    @property
    def receipt_answer(self) -> Mapping[str, Any]:
        return {"code": 0, "msg": "OK"}


def _encoded(query: Mapping[str, str]) -> str:
    return "&".join(
        f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query)
    )


def _read(answer: dict[str, Any]) -> SendOutcome:
    code = str(answer.get("Code", ""))
    if code == "OK":
        return SendOutcome(Answer.ACCEPTED, code, str(answer.get("BizId", "")))
    meaning = next(
        (answer for prefix, answer in _ANSWERS if code.startswith(prefix)), Answer.UNKNOWN
    )
    return SendOutcome(meaning, code)
