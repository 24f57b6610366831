"""The calls of 粤政易 with what every one of them needs: the gateway's headers and a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from wxbackend.gateways.errors import (
    GatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.tokens import TokenKeeper

SYSTEM = "yuezhengyi"
TOKEN_CODES = frozenset({40014, 41001, 42001})
_TOKEN_SECONDS = 7200

JsonObject = dict[str, Any]


class CallRefused(GatewayError):
    """The platform answered a call that comes before the message with an error code."""

    def __init__(self, call: str, errcode: int | None) -> None:
        super().__init__(SYSTEM, f"{call}_{errcode}")
        self.errcode = errcode


class YuezhengyiApi:
    """gettoken, message/send and media/upload at one address, for one application there."""

    def __init__(
        self,
        store: SharedStore,
        *,
        base_url: str,
        corp_id: str,
        corp_secret: str,
        tif: TifSigner,
        timeout: timedelta,
    ) -> None:
        self._base_url = f"{base_url}/cgi-bin"
        self._corp_id = corp_id
        self._corp_secret = corp_secret
        self._tif = tif
        self._http = JsonClient(SYSTEM, timeout=timeout)
        self._token = TokenKeeper(
            store, name=SYSTEM, fetch=self._fetch_token, remember=timedelta(seconds=1)
        )

    def warm_up(self) -> bool:
        """Fetch the token if none is kept; whether there was need.

        Raises: GatewayError, LockNotFree.
        """
        is_cold = self._token.find() is None
        self._token.get()
        return is_cold

    def send(self, body: bytes) -> JsonObject:
        """The answer to message/send. Raises: GatewayError, LockNotFree."""
        return self._with_token(
            lambda token: self._http.post(
                f"{self._base_url}/message/send",
                body=body,
                params={"access_token": token},
                headers=self._tif.headers(),
            )
        )

    def upload(self, file_name: str, content: bytes) -> str:
        """The media id of an uploaded file. Raises: GatewayError, LockNotFree."""
        try:
            answer = self._with_token(
                lambda token: self._http.upload(
                    f"{self._base_url}/media/upload",
                    field="media",
                    file_name=file_name,
                    content=content,
                    params={"access_token": token, "type": "file"},
                    headers=self._tif.headers(),
                )
            )
        except UnknownOutcomeError as error:
            # Whatever became of the upload, no message has named it yet.
            raise TemporaryGatewayError(SYSTEM, error.code) from None
        media_id = answer.get("media_id")
        if errcode_of(answer) != 0 or not isinstance(media_id, str) or not media_id:
            raise CallRefused("upload", errcode_of(answer))
        return media_id

    def _with_token(self, call: Callable[[str], JsonObject]) -> JsonObject:
        """A dead token is replaced, and the call made once more."""
        token = self._token.get()
        answer = call(token)
        if errcode_of(answer) in TOKEN_CODES:
            answer = call(self._token.replace(token))
        return answer

    def _fetch_token(self) -> tuple[str, timedelta]:
        answer = self._http.get(
            f"{self._base_url}/gettoken",
            params={"corpid": self._corp_id, "corpsecret": self._corp_secret},
            headers=self._tif.headers(),
        )
        token = answer.get("access_token")
        if errcode_of(answer) != 0 or not isinstance(token, str) or not token:
            raise CallRefused("gettoken", errcode_of(answer))
        return token, timedelta(seconds=_seconds_of(answer))


def errcode_of(answer: JsonObject) -> int | None:
    """The answer's error code; None where the gateway answers with JSON of its own."""
    code = answer.get("errcode")
    try:
        return int(code) if isinstance(code, int | str) else None
    except ValueError:
        return None


def _seconds_of(answer: JsonObject) -> int:
    seconds = answer.get("expires_in")
    return seconds if isinstance(seconds, int) and seconds > 0 else _TOKEN_SECONDS
