"""微警认证, version 2: name, identity number and face, checked by the police's own service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    PermanentGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.identity import IdentityResult, StartedCheck
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.tokens import TokenKeeper

_SYSTEM = "weijing"
_CERT_TOKEN_SECONDS = 420
_FACE_MODE = 66  # name + identity number + face
_NOT_DONE_YET = 4401


class WeijingProvider:
    """Nothing of it is signed: the trust is TLS, our secret, and that we fetch the result."""

    name = _SYSTEM

    def __init__(
        self,
        store: SharedStore,
        *,
        base_url: str,
        web_url: str,
        client_id: str,
        client_secret: str,
        timeout: timedelta,
    ) -> None:
        self._base_url = base_url
        self._web_url = web_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = JsonClient(_SYSTEM, timeout=timeout)
        self._token = TokenKeeper(store, name=_SYSTEM, fetch=self._fetch_token)

    def start(
        self,
        *,
        full_name: str,
        id_number: str,
        return_url: str,
        now: datetime,
        is_in_program: bool = False,
    ) -> StartedCheck:
        request = {
            "authType": "MiniRegular" if is_in_program else "GzhRegular",
            "mode": _FACE_MODE,
            "idInfo": {"fullName": full_name, "idNum": id_number},
            "exp": {"expType": "exp_sec", "expSec": _CERT_TOKEN_SECONDS},
            "businessInfo": {"subject": "身份验证"},
            "extraParams": {"foreBackUrl": return_url},
        }
        answer = self._call("authreq", request)
        if answer.get("retCode") != 0:
            raise PermanentGatewayError(_SYSTEM, f"authreq_{answer.get('retCode')}")
        token = _part(answer, "tokenInfo").get("certToken")
        if not isinstance(token, str) or not token:
            raise UnknownOutcomeError(_SYSTEM, "authreq_without_token")
        return StartedCheck(
            cert_token=token,
            page_url=f"{self._web_url}/authgzh/auth?certToken={quote(token, safe='')}",
            expires_at=now + timedelta(seconds=_CERT_TOKEN_SECONDS),
        )

    def fetch_result(self, cert_token: str) -> IdentityResult:
        answer = self._call("authhist", {"authHistQry": {"certToken": cert_token}})
        code = answer.get("retCode")
        if code == _NOT_DONE_YET:
            return IdentityResult(is_done=False, has_passed=False, code=str(code))
        data = _part(answer, "authData")
        person = _part(data, "authObject")
        passed = code == 0 and data.get("resCode") == 0
        return IdentityResult(
            is_done=True,
            has_passed=passed,
            code=f"{code}/{data.get('resCode')}",
            name=_word(person.get("fullName")),
            id_number=_word(person.get("idNum") or person.get("idNumber")),
        )

    def _call(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        token = self._token.get()
        answer = self._post(path, request, token)
        if _refuses_token(answer):
            answer = self._post(path, request, self._token.replace(token))
        return answer

    def _post(self, path: str, request: dict[str, Any], token: str) -> dict[str, Any]:
        body = json.dumps({"accessToken": token, **request}, ensure_ascii=False).encode()
        return self._http.post(f"{self._base_url}/{path}", body=body)

    def _fetch_token(self) -> tuple[str, timedelta]:
        answer = self._http.get(
            f"{self._base_url}/getaccesstoken",
            params={"clientId": self._client_id, "clientSecret": self._client_secret},
        )
        token = answer.get("accessToken")
        if answer.get("retCode") != 0 or not isinstance(token, str):
            raise ConfigurationGatewayError(_SYSTEM, f"getaccesstoken_{answer.get('retCode')}")
        return token, timedelta(seconds=int(answer.get("expireSeconds", 7200)))


# The list of retCodes is not public: whatever speaks of the accessToken is worth one fresh token.
def _refuses_token(answer: Mapping[str, Any]) -> bool:
    message = str(answer.get("retMessage", "")).lower()
    return answer.get("retCode") not in {0, _NOT_DONE_YET} and "accesstoken" in message.replace(
        " ", ""
    )


def _part(answer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = answer.get(key)
    return part if isinstance(part, dict) else {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
