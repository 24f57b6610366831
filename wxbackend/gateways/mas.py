"""移动云MAS: the main channel of government texts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

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

MOST_CHARACTERS = 500  # of one text; more is refused after it was paid for
_ANSWERS = {
    "IllegalMac": Answer.CONFIGURATION,
    "IllegalSignId": Answer.CONFIGURATION,
    "InvalidUsrOrPwd": Answer.CONFIGURATION,
    "NoSignId": Answer.CONFIGURATION,
    "InvalidMessage": Answer.PERMANENT,
    "TooManyMobiles": Answer.PERMANENT,
}
_ARRIVED = frozenset({"CM:0000", "DELIVRD"})


class MasSender:
    """A registered template goes by `tmpsubmit`, any other text by `norsubmit` where it may."""

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        ec_name: str,
        ap_id: str,
        secret_key: str,
        sign: str,
        add_serial: str,
        templates: Mapping[NotificationKind, SmsTemplate],
        takes_free_texts: bool,
        timeout: timedelta,
    ) -> None:
        self._name = name
        self._base_url = base_url
        self._account = {"ecName": ec_name, "apId": ap_id, "secretKey": secret_key}
        self._tail = {"sign": sign, "addSerial": add_serial}
        self._templates = templates
        self._takes_free_texts = takes_free_texts
        self._http = JsonClient(f"sms.{name}", timeout=timeout)

    @property
    def name(self) -> str:
        return self._name

    def carries(self, kind: NotificationKind) -> bool:
        return self._takes_free_texts or kind in self._templates

    def fits(self, message: ShortMessage) -> bool:
        template = self._templates.get(message.kind)
        has_a_way = self._takes_free_texts or (template and template.takes(message.facts))
        return bool(has_a_way) and len(message.text) <= MOST_CHARACTERS

    def send(self, message: ShortMessage) -> SendOutcome:
        call, body = self.request(message)
        try:
            answer = self._http.post(f"{self._base_url}/{call}", body=body)
        except ConfigurationGatewayError as error:
            return SendOutcome(Answer.CONFIGURATION, error.code)
        except TemporaryGatewayError as error:
            return SendOutcome(Answer.TRANSIENT, error.code)
        except UnknownOutcomeError as error:
            return SendOutcome(Answer.UNKNOWN, error.code)
        return _read(answer)

    def request(self, message: ShortMessage) -> tuple[str, bytes]:
        """The call and its body: base64 of the JSON. Source: protocols.md section 3."""
        template = self._templates.get(message.kind)
        if template is None or not template.takes(message.facts):
            return "norsubmit", self._signed({"mobiles": message.phone, "content": message.text})
        # The list is a text in the JSON; a template without places gets one empty value.
        params = [message.facts[name] for name in template.facts] or [""]
        body = {
            "templateId": template.id,
            "mobiles": message.phone,
            "params": json.dumps(params, ensure_ascii=False),
        }
        return "tmpsubmit", self._signed(body)

    def _signed(self, body: Mapping[str, str]) -> bytes:
        # `mac` is taken of the values in exactly this order.
        request = {**self._account, **body, **self._tail}
        request["mac"] = hashlib.md5(  # noqa: S324 - the provider's formula
            "".join(request.values()).encode()
        ).hexdigest()
        return base64.b64encode(json.dumps(request, ensure_ascii=False).encode())

    def read_report(self, item: Mapping[str, Any]) -> DeliveryReport | None:
        status = text_of(item, "reportStatus", "errorCode")
        group = text_of(item, "msgGroup", "mgsGroup")
        if not status or not group:
            return None
        return DeliveryReport(
            reference=group,
            phone=phone_of(item, "mobile"),
            is_delivered=status in _ARRIVED,
            code=code_of(item, "errorCode", "reportStatus"),
            at=moment_of(item, "receiveDate"),
        )

    @property
    def receipt_answer(self) -> Mapping[str, Any]:
        return {"success": True, "rspcod": "success"}


def _read(answer: dict[str, Any]) -> SendOutcome:
    code = str(answer.get("rspcod", ""))
    # The interface spells the key of the message group in two ways.
    group = str(answer.get("msgGroup") or answer.get("mgsGroup") or "")
    if answer.get("success") is True and code == "success":
        return SendOutcome(Answer.ACCEPTED, code, group)
    return SendOutcome(_ANSWERS.get(code, Answer.UNKNOWN if not code else Answer.PERMANENT), code)
