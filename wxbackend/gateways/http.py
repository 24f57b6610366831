"""HTTP to the outside: every call has a timeout, goes where it was sent, and leaks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)

_CONNECT_SECONDS = 3.0
# These say that nothing was done; another 5xx comes from a proxy and leaves it open.
_DID_NOTHING = frozenset({429, 500, 503})


def plain_session() -> requests.Session:
    """A session that minds no proxy variables and follows no redirect to elsewhere."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=32)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class JsonClient:
    """Calls one outside system and answers with its JSON object, or with one of our errors.

    `readable` are statuses beside which the system says in its JSON what is wrong.
    """

    def __init__(
        self, system: str, *, timeout: timedelta, readable: frozenset[int] = frozenset()
    ) -> None:
        self._system = system
        self._timeout = timeout
        self._readable = readable
        self._session = plain_session()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: timedelta | None = None,
    ) -> dict[str, Any]:
        """Raises: GatewayError."""
        return self._call("GET", url, timeout, params=params, headers=headers)

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Raises: GatewayError."""
        all_headers = {"Content-Type": content_type, **(headers or {})}
        return self._call("POST", url, None, data=body, params=params, headers=all_headers)

    def upload(
        self,
        url: str,
        *,
        field: str,
        file_name: str,
        content: bytes,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Raises: GatewayError."""
        files = {field: (file_name, content)}
        return self._call("POST", url, None, files=files, params=params, headers=headers)

    def _call(
        self, method: str, url: str, timeout: timedelta | None, **arguments: Any
    ) -> dict[str, Any]:
        seconds = (timeout or self._timeout).total_seconds()
        try:
            response = self._session.request(
                method,
                url,
                timeout=(min(_CONNECT_SECONDS, seconds), seconds),
                allow_redirects=False,
                **arguments,
            )
        except requests.RequestException as error:
            # `from None`: the library's message holds the address with its secrets.
            raise translate(error, self._system) from None
        return self._read(response)

    def _read(self, response: requests.Response) -> dict[str, Any]:
        content = _json_object(response)
        if content is not None and response.status_code in self._readable:
            return content
        check_status(response.status_code, self._system)
        if content is None:
            raise UnknownOutcomeError(self._system, "not_json")
        return content


def check_status(status: int, system: str) -> None:
    """Let a good status pass. Raises: GatewayError."""
    if status in {401, 403}:
        raise ConfigurationGatewayError(system, f"http_{status}")
    if status in _DID_NOTHING:
        raise TemporaryGatewayError(system, f"http_{status}")
    if status >= 300:
        raise UnknownOutcomeError(system, f"http_{status}")


def _json_object(response: requests.Response) -> dict[str, Any] | None:
    try:
        content = response.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def translate(error: requests.RequestException, system: str) -> GatewayError:
    """Ours for theirs, without the address: did the request go out, or did it not?"""
    if isinstance(error, requests.ConnectTimeout) or _was_not_connected(error):
        return TemporaryGatewayError(system, "unreachable")
    if isinstance(error, requests.ReadTimeout):
        return UnknownOutcomeError(system, "timeout")
    return UnknownOutcomeError(system, "connection_lost")


def _was_not_connected(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)
