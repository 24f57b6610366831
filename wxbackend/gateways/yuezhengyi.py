"""粤政易: WeCom's messages, plain or behind the provincial TIF gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
)
from wxbackend.gateways.interfaces.messages import Card, StoredFile
from wxbackend.gateways.interfaces.stores import FileStore, LockNotFree, SharedStore
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.yuezhengyi_api import (
    TOKEN_CODES,
    CallRefused,
    JsonObject,
    YuezhengyiApi,
    errcode_of,
)
from wxbackend.gateways.yuezhengyi_media import MediaShelf

_CONFIGURATION_CODES = frozenset({40001, 40013, 40056, 60020})
_SYSTEM_BUSY, _MOST_TRIES_WHILE_BUSY = -1, 3
_MEDIA_UNKNOWN = 40007
_PAUSES = {45009: timedelta(seconds=60), 45033: timedelta(seconds=5)}

_LONGEST_DUPLICATE_CHECK_SECONDS = 4 * 3600
_REFERENCES_TOLD_BY_THE_CHECK = 3600
_MOST_TEXT_BYTES, _MOST_TITLE_BYTES, _MOST_DESCRIPTION_BYTES = 2048, 128, 512
_MORE = "…"

Message = Mapping[str, Any]


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
        self._agent_id = agent_id
        self._api = YuezhengyiApi(
            store,
            base_url=base_url,
            corp_id=corp_id,
            corp_secret=corp_secret,
            tif=tif,
            timeout=timeout,
        )
        self._media = MediaShelf(self._api, store, files)

    def warm_up(self) -> bool:
        return self._api.warm_up()

    def send_text(self, *, member_id: str, text: str, reference: int) -> SendOutcome:
        content = {"content": fitting(text, _MOST_TEXT_BYTES)}
        message = {"msgtype": "text", "text": content}
        return _outcome(lambda: self._send(message, member_id, reference))

    def send_card(self, *, member_id: str, card: Card, reference: int) -> SendOutcome:
        content = {
            "title": fitting(card.title, _MOST_TITLE_BYTES),
            "description": fitting(card.text, _MOST_DESCRIPTION_BYTES),
            "url": card.url,
            "btntxt": card.button,
        }
        message = {"msgtype": "textcard", "textcard": content}
        return _outcome(lambda: self._send(message, member_id, reference))

    def send_file(self, *, member_id: str, file: StoredFile, reference: int) -> SendOutcome:
        """An upload that the platform no longer knows is made again, and the message sent anew."""

        def send_upload(instead_of: str | None = None) -> tuple[str, JsonObject]:
            media_id = self._media.media_id(file, instead_of=instead_of)
            message = {"msgtype": "file", "file": {"media_id": media_id}}
            return media_id, self._send(message, member_id, reference)

        def send() -> JsonObject:
            media_id, answer = send_upload()
            if errcode_of(answer) == _MEDIA_UNKNOWN:
                _, answer = send_upload(instead_of=media_id)
            return answer

        return _outcome(send)

    def body(self, message: Message, member_id: str, reference: int) -> bytes:
        """The request's bytes: the same for the same arguments, different for two references.

        The platform drops a second request with identical JSON. A retry must be identical, and two
        notifications with the same words must not be: the length of the check window, which may be
        chosen freely up to four hours, carries the reference, and blanks at the end what does not
        fit in there.
        """
        round_number, place = divmod(reference, _REFERENCES_TOLD_BY_THE_CHECK)
        request = {
            "touser": member_id,
            "agentid": self._agent_id,
            **message,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _LONGEST_DUPLICATE_CHECK_SECONDS - place,
        }
        written = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
        return written + b" " * (round_number % _REFERENCES_TOLD_BY_THE_CHECK)

    def _send(self, message: Message, member_id: str, reference: int) -> JsonObject:
        """Raises: GatewayError, LockNotFree."""
        if not names_one_member(member_id):
            raise PermanentGatewayError("yuezhengyi", "invaliduser")
        answer = self._api.send(self.body(message, member_id, reference))
        # The platform writes the members it does not know in small letters.
        unknown = str(answer.get("invaliduser") or "").lower().split("|")
        if errcode_of(answer) == 0 and member_id.lower() in unknown:
            raise PermanentGatewayError("yuezhengyi", "invaliduser")
        return answer


def names_one_member(member_id: str) -> bool:
    """`a|b` names two members, and @all the whole province."""
    return bool(member_id) and "|" not in member_id and not member_id.startswith("@")


def fitting(text: str, most_bytes: int) -> str:
    """The text, or as many whole characters as fit with a sign that there was more."""
    written = text.encode()
    if len(written) <= most_bytes:
        return text
    return written[: most_bytes - len(_MORE.encode())].decode(errors="ignore") + _MORE


def _outcome(send: Callable[[], JsonObject]) -> SendOutcome:
    try:
        answer = send()
    except CallRefused as refused:
        return _refused_before(refused)
    except ConfigurationGatewayError as error:
        return SendOutcome(Answer.CONFIGURATION, error.code)
    except PermanentGatewayError as error:
        return SendOutcome(Answer.PERMANENT, error.code)
    except TemporaryGatewayError as error:
        return SendOutcome(Answer.TRANSIENT, error.code, wait=error.wait)
    except LockNotFree:
        return SendOutcome(Answer.TRANSIENT, "lock_not_free")
    except GatewayError as error:
        return SendOutcome(Answer.UNKNOWN, error.code)
    code = errcode_of(answer)
    if code == 0:
        return SendOutcome(Answer.ACCEPTED, "0", str(answer.get("msgid", "")))
    if code is None:
        return SendOutcome(Answer.UNKNOWN, "no_errcode")
    return _refused(code, str(code), otherwise=Answer.PERMANENT)


def _refused_before(refused: CallRefused) -> SendOutcome:
    """A token or an upload was refused: no message went out."""
    if refused.errcode is None:
        return SendOutcome(Answer.TRANSIENT, refused.code)
    is_token = refused.code.startswith("gettoken")
    otherwise = Answer.CONFIGURATION if is_token else Answer.PERMANENT
    return _refused(refused.errcode, refused.code, otherwise=otherwise)


def _refused(errcode: int, word: str, *, otherwise: Answer) -> SendOutcome:
    """What an error code asks for. Source: protocols.md section 2."""
    if errcode == _SYSTEM_BUSY:
        return SendOutcome(Answer.TRANSIENT, word, most_tries=_MOST_TRIES_WHILE_BUSY)
    if errcode in _PAUSES:
        return SendOutcome(Answer.THROTTLED, word, wait=_PAUSES[errcode])
    if errcode in _CONFIGURATION_CODES:
        return SendOutcome(Answer.CONFIGURATION, word)
    if errcode in TOKEN_CODES:
        return SendOutcome(Answer.TRANSIENT, word)
    return SendOutcome(otherwise, word)
