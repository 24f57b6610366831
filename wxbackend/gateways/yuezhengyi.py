"""粤政易: WeCom's interface, plain or behind the provincial TIF gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.messages import Card, StoredFile
from wxbackend.gateways.interfaces.stores import FileStore, LockNotFree, SharedStore
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.tokens import TokenKeeper

_SYSTEM = "yuezhengyi"
_TOKEN_CODES = frozenset({40014, 41001, 42001})
_CONFIGURATION_CODES = frozenset({40001, 40013, 40056, 60020})
_SYSTEM_BUSY = -1
_OUT_OF_QUOTA, _TOO_MANY_AT_ONCE = 45009, 45033
_MEDIA_UNKNOWN = 40007
_LONGEST_DUPLICATE_CHECK_SECONDS = 4 * 3600
_MEDIA_KEPT_FOR = timedelta(days=2)  # the platform keeps an upload for three


def _media_key(file: StoredFile) -> str:
    return f"yuezhengyi:media:{file.stored_as}"


class YuezhengyiMessenger:
    def __init__(
        self,
        store: SharedStore,
        files: FileStore,
        *,
        base_url: str,
        corp_id: str,
        corp_secret: str,
        agent_id: int,
        tif: TifSigner,
        timeout: timedelta,
    ) -> None:
        self._store = store
        self._files = files
        self._base_url = base_url
        self._corp_id = corp_id
        self._corp_secret = corp_secret
        self._agent_id = agent_id
        self._tif = tif
        self._http = JsonClient(_SYSTEM, timeout=timeout)
        self._token = TokenKeeper(store, name=_SYSTEM, fetch=self._fetch_token)

    def send_text(self, *, member_id: str, text: str, reference: int) -> SendOutcome:
        message = {"msgtype": "text", "text": {"content": text}}
        return self._try(lambda: message, member_id, reference)

    def send_card(self, *, member_id: str, card: Card, reference: int) -> SendOutcome:
        content = {
            "title": card.title,
            "description": card.text,
            "url": card.url,
            "btntxt": card.button,
        }
        message = {"msgtype": "textcard", "textcard": content}
        return self._try(lambda: message, member_id, reference)

    def send_file(self, *, member_id: str, file: StoredFile, reference: int) -> SendOutcome:
        """A file is uploaded once: a retry that named another upload would be another message."""

        def message() -> dict[str, Any]:
            return {"msgtype": "file", "file": {"media_id": self._media_id(file)}}

        outcome = self._try(message, member_id, reference)
        if outcome.code == str(_MEDIA_UNKNOWN):
            self._store.drop(_media_key(file))
            outcome = self._try(message, member_id, reference)
        return outcome

    def _try(
        self, message: Callable[[], dict[str, Any]], member_id: str, reference: int
    ) -> SendOutcome:
        try:
            return self._send(self.body(message(), member_id, reference), member_id)
        except ConfigurationGatewayError as error:
            return SendOutcome(Answer.CONFIGURATION, error.code)
        except (TemporaryGatewayError, LockNotFree) as error:
            return SendOutcome(Answer.TRANSIENT, str(error))
        except UnknownOutcomeError as error:
            return SendOutcome(Answer.UNKNOWN, error.code)

    def body(self, message: Mapping[str, Any], member_id: str, reference: int) -> bytes:
        """The request's bytes: the same for the same arguments, different for two notifications.

        The platform drops a second request with identical JSON. A retry must be identical, and two
        notifications with the same words must not be: the length of the check window, which may be
        chosen freely up to four hours, carries the reference.
        """
        window = _LONGEST_DUPLICATE_CHECK_SECONDS - reference % 3600
        request = {
            "touser": member_id,
            "agentid": self._agent_id,
            **message,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": window,
        }
        return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()

    def _media_id(self, file: StoredFile) -> str:
        """The platform's name for the file. Raises: GatewayError."""
        key = _media_key(file)
        known = self._store.get(key)
        if known:
            return known
        content = self._files.read(file.stored_as)
        token = self._token.get()
        answer = self._upload(file, content, token)
        if answer.get("errcode") in _TOKEN_CODES:
            answer = self._upload(file, content, self._token.replace(token))
        media_id = answer.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise TemporaryGatewayError(_SYSTEM, f"upload_{answer.get('errcode')}")
        self._store.put(key, media_id, keep=_MEDIA_KEPT_FOR)
        return media_id

    def _upload(self, file: StoredFile, content: bytes, token: str) -> dict[str, Any]:
        return self._http.upload(
            f"{self._base_url}/cgi-bin/media/upload",
            field="media",
            file_name=file.name,
            content=content,
            params={"access_token": token, "type": "file"},
            headers=self._tif.headers(),
        )

    def _send(self, body: bytes, member_id: str) -> SendOutcome:
        token = self._token.get()
        answer = self._post(body, token)
        if answer.get("errcode") in _TOKEN_CODES:
            answer = self._post(body, self._token.replace(token))
        return _read(answer, member_id)

    def _post(self, body: bytes, token: str) -> dict[str, Any]:
        return self._http.post(
            f"{self._base_url}/cgi-bin/message/send",
            body=body,
            params={"access_token": token},
            headers=self._tif.headers(),
        )

    def _fetch_token(self) -> tuple[str, timedelta]:
        answer = self._http.get(
            f"{self._base_url}/cgi-bin/gettoken",
            params={"corpid": self._corp_id, "corpsecret": self._corp_secret},
            headers=self._tif.headers(),
        )
        code, token = answer.get("errcode"), answer.get("access_token")
        if code in {_SYSTEM_BUSY, _OUT_OF_QUOTA, _TOO_MANY_AT_ONCE}:
            raise TemporaryGatewayError(_SYSTEM, f"gettoken_{code}")
        if code != 0 or not isinstance(token, str):
            raise ConfigurationGatewayError(_SYSTEM, f"gettoken_{code}")
        return token, timedelta(seconds=int(answer.get("expires_in", 7200)))


def _read(answer: dict[str, Any], member_id: str) -> SendOutcome:
    """Source: protocols.md section 2, the list of error codes."""
    code = answer.get("errcode")
    if code == 0:
        # The platform writes the members it does not know in small letters.
        invalid = str(answer.get("invaliduser", "")).split("|")
        if member_id.lower() in invalid:
            return SendOutcome(Answer.PERMANENT, "invaliduser")
        return SendOutcome(Answer.ACCEPTED, "0", str(answer.get("msgid", "")))
    if code == _SYSTEM_BUSY or code in _TOKEN_CODES:
        return SendOutcome(Answer.TRANSIENT, str(code))
    if code == _OUT_OF_QUOTA:
        return SendOutcome(Answer.THROTTLED, str(code), wait=timedelta(seconds=60))
    if code == _TOO_MANY_AT_ONCE:
        return SendOutcome(Answer.THROTTLED, str(code), wait=timedelta(seconds=5))
    if code in _CONFIGURATION_CODES:
        return SendOutcome(Answer.CONFIGURATION, str(code))
    if code is None:
        return SendOutcome(Answer.UNKNOWN, "no_errcode")
    return SendOutcome(Answer.PERMANENT, str(code))
