"""移动云MAS: the main channel of government texts."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.messages import ShortMessage

MOST_CHARACTERS = 500  # of one text; more is refused after it was paid for
_ANSWERS = {
    "IllegalMac": Answer.CONFIGURATION,
    "IllegalSignId": Answer.CONFIGURATION,
    "InvalidUsrOrPwd": Answer.CONFIGURATION,
    "NoSignId": Answer.CONFIGURATION,
    "InvalidMessage": Answer.PERMANENT,
    "TooManyMobiles": Answer.PERMANENT,
}


class MasSender:
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
        timeout: timedelta,
    ) -> None:
        self._name = name
        self._url = f"{base_url}/norsubmit"
        self._ec_name = ec_name
        self._ap_id = ap_id
        self._secret_key = secret_key
        self._sign = sign
        self._add_serial = add_serial
        self._http = JsonClient(f"sms.{name}", timeout=timeout)

    @property
    def name(self) -> str:
        return self._name

    def carries(self, kind: NotificationKind) -> bool:
        del kind  # a free text needs no template of its own
        return True

    def send(self, message: ShortMessage) -> SendOutcome:
        if len(message.text) > MOST_CHARACTERS:
            return SendOutcome(Answer.PERMANENT, "too_long")
        body = self.body(phone=message.phone, text=message.text)
        try:
            answer = self._http.post(self._url, body=body)
        except ConfigurationGatewayError as error:
            return SendOutcome(Answer.CONFIGURATION, error.code)
        except TemporaryGatewayError as error:
            return SendOutcome(Answer.TRANSIENT, error.code)
        except UnknownOutcomeError as error:
            return SendOutcome(Answer.UNKNOWN, error.code)
        return _read(answer)

    def body(self, *, phone: str, text: str) -> bytes:
        """Base64 of the JSON, as the interface asks. Source: protocols.md section 3."""
        request = {
            "ecName": self._ec_name,
            "apId": self._ap_id,
            "secretKey": self._secret_key,
            "mobiles": phone,
            "content": text,
            "sign": self._sign,
            "addSerial": self._add_serial,
        }
        request["mac"] = hashlib.md5(  # noqa: S324 - the provider's formula
            "".join(request.values()).encode()
        ).hexdigest()
        return base64.b64encode(json.dumps(request, ensure_ascii=False).encode())


def _read(answer: dict[str, Any]) -> SendOutcome:
    code = str(answer.get("rspcod", ""))
    # The interface spells the key of the message group in two ways.
    group = str(answer.get("msgGroup") or answer.get("mgsGroup") or "")
    if answer.get("success") is True and code == "success":
        return SendOutcome(Answer.ACCEPTED, code, group)
    return SendOutcome(_ANSWERS.get(code, Answer.UNKNOWN if not code else Answer.PERMANENT), code)
