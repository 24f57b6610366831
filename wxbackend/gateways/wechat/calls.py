"""Calls to WeChat's API for one app id: the shared token, one retry, typed errors, holds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.wechat import WechatConnection
from wxbackend.gateways.tokens import TokenKeeper
from wxbackend.gateways.wechat.codes import BUSY, DAY_USED_UP, SYSTEM, TOKEN_REFUSED, error_of
from wxbackend.gateways.wechat.holds import Holds
from wxbackend.gateways.wechat.session import API_HOST, WechatSession

_FETCH_ENDPOINT = "cgi-bin/stable_token"
# Its own count: twenty a day, while ordinary fetches are free. Source: wechat.md section 3.3.
_FORCE_ENDPOINT = "cgi-bin/stable_token?force"
# The pauses before a call is repeated that found WeChat busy, each varied by half.
_BUSY_PAUSES_SECONDS = (0.2, 0.6)
_MOST_TOKENS_TRIED = 3

_Answer = dict[str, Any]


def _system_clock() -> datetime:
    return datetime.now(UTC)


class WechatCalls:
    """One app id's calls. Endpoints are named by their whole path: `cgi-bin/menu/get`.

    Every method raises GatewayError (its `code` is WeChat's errcode as text) and LockNotFree.
    """

    def __init__(
        self,
        store: SharedStore,
        *,
        app_id: str,
        app_secret: str,
        session: WechatSession,
        clock: Callable[[], datetime] = _system_clock,
    ) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.session = session
        self._client = WeChatClient(app_id, app_secret, auto_retry=False)
        self._client._http = session
        self._holds = Holds(store, app_id=app_id, clock=clock)
        self._tokens = TokenKeeper(
            store,
            name=f"wechat.{app_id}",
            fetch=self._fetch_token,
            force=lambda: self._fetch_token(endpoint=_FORCE_ENDPOINT),
        )

    def token(self) -> str:
        """The access token that all processes share."""
        return self._tokens.get()

    def get(self, endpoint: str, params: Mapping[str, str] | None = None) -> _Answer:
        return _object(self._call(endpoint, "get", {"params": params}, repeatable=True))

    def post(self, endpoint: str, body: Mapping[str, Any], *, repeatable: bool = False) -> _Answer:
        """`repeatable`: doing it twice is as good as once, so a busy WeChat is asked again."""
        return _object(self._call(endpoint, "post", {"data": dict(body)}, repeatable=repeatable))

    def post_for_bytes(self, endpoint: str, body: Mapping[str, Any]) -> bytes:
        """What is no JSON when all is well: a picture."""
        answer = self._call(endpoint, "post", {"data": dict(body)}, repeatable=True)
        if not isinstance(answer, requests.Response) or not answer.content:
            raise UnknownOutcomeError(SYSTEM, "no_picture")
        return bytes(answer.content)

    def get_with_secret(self, endpoint: str, params: Mapping[str, str]) -> _Answer:
        """For the calls that ask for app id and secret instead of a token (`sns/…`).

        Never repeated: what they are given is spent by the first use.
        """
        self._holds.check(endpoint)
        query = {"appid": self.app_id, "secret": self.app_secret, **params}
        response = self.session.get(f"{API_HOST}/{endpoint}", params=query)
        return _object(self._checked(endpoint, _read(response.json)))

    def connection(self) -> WechatConnection:
        return WechatConnection(
            self.app_id, has_token=self._tokens.find() is not None, holds=self._holds.standing()
        )

    def _call(
        self, endpoint: str, method: str, arguments: Mapping[str, Any], *, repeatable: bool
    ) -> Any:
        self._holds.check(endpoint)
        send = getattr(self._client, method)

        def once(token: str) -> Any:
            params = {**(arguments.get("params") or {}), "access_token": token}
            return _read(lambda: send(f"{API_HOST}/{endpoint}", **{**arguments, "params": params}))

        tries = len(_BUSY_PAUSES_SECONDS) if repeatable else 0
        return self._checked(endpoint, _patiently(lambda: self._with_token(once), tries))

    def _with_token(self, once: Callable[[str], Any]) -> Any:
        """Call with the shared token, and once more with another when it is refused.

        A token that another process had put there meanwhile may be dead already; so it is tried
        beside the one retry. No call fetches twice, and none is made more than three times.
        """
        token = self._tokens.get()
        answer = once(token)
        for _ in range(_MOST_TOKENS_TRIED - 1):
            if _code(answer) not in TOKEN_REFUSED:
                break
            renewal = self._tokens.renew(token)
            token = renewal.token
            answer = once(token)
            if renewal.is_fetched:
                break
        return answer

    def _checked(self, endpoint: str, answer: Any) -> Any:
        code = _code(answer)
        if code == 0:
            return answer
        wait = self._holds.hold_for_the_day(endpoint, code) if code == DAY_USED_UP else None
        raise error_of(code, wait=wait)

    def _fetch_token(self, *, endpoint: str = _FETCH_ENDPOINT) -> tuple[str, timedelta]:
        # stable_token: processes that ask at one moment get the same token (wechat.md 3.3).
        self._holds.check(endpoint)
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self.app_secret,
            "force_refresh": endpoint == _FORCE_ENDPOINT,
        }

        # Past wechatpy, which would want a token to fetch a token with.
        answer = _object(_patiently(lambda: _read(lambda: self._post_plainly(body)), tries=1))
        if _code(answer):
            raise self._no_token(endpoint, answer)
        self._holds.release(endpoint)
        return token_in(answer, "access_token")

    def _post_plainly(self, body: Mapping[str, Any]) -> Any:
        return self.session.post(f"{API_HOST}/{_FETCH_ENDPOINT}", json=body).json()

    def _no_token(self, endpoint: str, answer: _Answer) -> GatewayError:
        code = _code(answer)
        wait = self._holds.hold_for_the_day(endpoint, code) if code == DAY_USED_UP else None
        error = error_of(code, wait=wait)
        if isinstance(error, ConfigurationGatewayError):
            self._holds.hold_for_an_admin(endpoint, code, str(answer.get("errmsg", "")))
        return error


def token_in(answer: Mapping[str, Any], name: str) -> tuple[str, timedelta]:
    """A token or ticket and its life. Raises: TemporaryGatewayError if there is none."""
    value, seconds = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int):
        raise TemporaryGatewayError(SYSTEM, f"no_{name}")
    return value, timedelta(seconds=seconds)


def _patiently(once: Callable[[], Any], tries: int) -> Any:
    """Ask again, `tries` times at most, as long as WeChat says that it is busy."""
    answer = once()
    for seconds in _BUSY_PAUSES_SECONDS[:tries]:
        if _code(answer) != BUSY:
            break
        time.sleep(seconds * random.uniform(0.5, 1.5))  # noqa: S311 - spreads, guards nothing
        answer = once()
    return answer


def _read(call: Callable[[], Any]) -> Any:
    """What wechatpy answers with, its exceptions turned back into the JSON they came from."""
    try:
        return call()
    except WeChatClientException as error:
        return {"errcode": error.errcode, "errmsg": error.errmsg}
    except (ValueError, TypeError):
        raise UnknownOutcomeError(SYSTEM, "not_json") from None


def _object(answer: Any) -> _Answer:
    if not isinstance(answer, dict):
        raise UnknownOutcomeError(SYSTEM, "not_json")
    return answer


def _code(answer: Any) -> int:
    code = answer.get("errcode", 0) if isinstance(answer, dict) else 0
    return code if isinstance(code, int) else 0
