"""The one place where every call to WeChat passes: its host, its timeouts, its silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests

from wxbackend.gateways.errors import ConfigurationGatewayError
from wxbackend.gateways.http import check_status, plain_session, translate
from wxbackend.gateways.wechat.codes import SYSTEM

API_HOST = "https://api.weixin.qq.com"
_CONNECT_SECONDS = 3.0


class WechatSession(requests.Session):
    """The session under wechatpy: one host, mapped to the configured address; timeouts always.

    wechatpy has literal addresses, no timeout on tokens and OAuth, and puts secrets into its
    errors (wechat.md sections 3.2 to 3.4).
    """

    def __init__(self, *, api_base_url: str, timeout: timedelta) -> None:
        super().__init__()
        plain = plain_session()
        self.trust_env = plain.trust_env
        self.adapters = plain.adapters
        self._api_base_url = api_base_url
        self._seconds = timeout.total_seconds()

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:  # type: ignore[override]
        if not url.startswith(f"{API_HOST}/"):
            raise ConfigurationGatewayError(SYSTEM, "foreign_host")
        arguments["timeout"] = (min(_CONNECT_SECONDS, self._seconds), self._seconds)
        arguments["allow_redirects"] = False
        address = self._api_base_url + url.removeprefix(API_HOST)
        try:
            response = super().request(method, address, **arguments)
        except requests.RequestException as error:
            # `from None`: the library's message holds the address with its secrets.
            raise translate(error, SYSTEM) from None
        check_status(response.status_code, SYSTEM)
        return response
