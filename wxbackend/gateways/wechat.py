"""The Official Account through wechatpy, with our own session, tokens and single retry under it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
from wechatpy import WeChatClient, WeChatOAuth
from wechatpy.exceptions import WeChatClientException, WeChatOAuthException

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.http import plain_session, translate
from wxbackend.gateways.interfaces.stores import LockNotFree, SharedStore
from wxbackend.gateways.interfaces.wechat import (
    CodeSpent,
    JsSdkSignature,
    TemplateMessage,
    WechatIdentity,
)
from wxbackend.gateways.tokens import TokenKeeper

_SYSTEM = "wechat"
_API_HOST = "https://api.weixin.qq.com"
_CONNECT_SECONDS = 3.0
_TOKEN_CODES = frozenset({40001, 40014, 42001})
_CODE_SPENT = frozenset({40029, 40163, 42003})
_BUSY = -1
_QUOTA = 45009
_CONFIGURATION_CODES = frozenset({40013, 40125, 40164, 40243, 48001})
# The longest value that a template field takes. Source: wechat.md section 5.4.
_LONGEST_FIELD = {"thing": 20, "character_string": 32, "car_number": 8, "phrase": 5, "name": 20}


@dataclass(frozen=True, slots=True)
class Template:
    """A template's id, and by each of its fields the name of the fact that it shows."""

    id: str
    fields: Mapping[str, str]


class WechatSession(requests.Session):
    """The session under wechatpy: one host, mapped to the configured address; timeouts always.

    wechatpy has literal addresses, no timeout on tokens and OAuth, and puts secrets into its
    errors (wechat.md sections 3.2 to 3.4); this is the one place where all of its calls pass.
    """

    def __init__(self, *, api_base_url: str, timeout: timedelta) -> None:
        super().__init__()
        plain = plain_session()
        self.trust_env = plain.trust_env
        self.adapters = plain.adapters
        self._api_base_url = api_base_url
        self._seconds = timeout.total_seconds()

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:  # type: ignore[override]
        if not url.startswith(f"{_API_HOST}/"):
            raise ConfigurationGatewayError(_SYSTEM, "foreign_host")
        arguments["timeout"] = (_CONNECT_SECONDS, self._seconds)
        arguments["allow_redirects"] = False
        address = self._api_base_url + url.removeprefix(_API_HOST)
        try:
            response = super().request(method, address, **arguments)
        except requests.RequestException as error:
            raise translate(error, _SYSTEM) from None
        if response.status_code >= 500:
            raise TemporaryGatewayError(_SYSTEM, f"http_{response.status_code}")
        if response.status_code >= 300:
            raise UnknownOutcomeError(_SYSTEM, f"http_{response.status_code}")
        return response


class OfficialAccount:
    def __init__(
        self,
        store: SharedStore,
        *,
        app_id: str,
        app_secret: str,
        api_base_url: str,
        open_base_url: str,
        templates: Mapping[NotificationKind, Template],
        timeout: timedelta,
    ) -> None:
        self.app_id = app_id
        self._app_secret = app_secret
        self._open_base_url = open_base_url
        self._templates = templates
        self._session = WechatSession(api_base_url=api_base_url, timeout=timeout)
        self._client = WeChatClient(app_id, app_secret, auto_retry=False)
        self._client._http = self._session
        self._token = TokenKeeper(store, name="wechat.access", fetch=self._fetch_token)
        self._ticket = TokenKeeper(store, name="wechat.jsapi", fetch=self._fetch_ticket)

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        # Built here: wechatpy pastes the state unescaped and has no `connect_redirect`, which
        # spares some phones the second call of our callback.
        return (
            f"{self._open_base_url}/connect/oauth2/authorize?appid={quote(self.app_id)}"
            f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope=snsapi_base"
            f"&state={quote(state, safe='')}&connect_redirect=1#wechat_redirect"
        )

    def exchange_code(self, code: str) -> WechatIdentity:
        # One object a request: wechatpy keeps the openid on it, and would mix up two people.
        oauth = WeChatOAuth(self.app_id, self._app_secret, redirect_uri="")
        oauth._http = self._session
        try:
            answer = oauth.fetch_access_token(code)
        except WeChatOAuthException as error:
            if error.errcode in _CODE_SPENT:
                raise CodeSpent from None
            raise _error_of(error.errcode) from None
        except (ValueError, KeyError, AttributeError, TypeError):
            raise UnknownOutcomeError(_SYSTEM, "not_json") from None
        return WechatIdentity(
            openid=str(answer["openid"]), is_snapshot=answer.get("is_snapshotuser") == 1
        )

    def sign_js_sdk(self, url: str, *, now: datetime) -> JsSdkSignature:
        nonce, timestamp = secrets.token_hex(8), str(int(now.timestamp()))
        signature = self._client.jsapi.get_jsapi_signature(
            nonce, self._ticket.get(), timestamp, url
        )
        return JsSdkSignature(self.app_id, timestamp, nonce, signature)

    def send_template(self, message: TemplateMessage) -> SendOutcome:
        try:
            answer = self._call("message/template/send", self._template_body(message))
        except (TemporaryGatewayError, LockNotFree) as error:
            return SendOutcome(Answer.TRANSIENT, str(error))
        except UnknownOutcomeError as error:
            return SendOutcome(Answer.UNKNOWN, error.code)
        except ConfigurationGatewayError as error:
            return SendOutcome(Answer.CONFIGURATION, error.code)
        except PermanentGatewayError as error:
            return SendOutcome(Answer.PERMANENT, error.code)
        return SendOutcome(Answer.ACCEPTED, "0", str(answer.get("msgid", "")))

    def _template_body(self, message: TemplateMessage) -> dict[str, Any]:
        template = self._templates[message.kind]
        return {
            "touser": message.openid,
            "template_id": template.id,
            "url": message.url,
            "client_msg_id": message.reference,
            "data": {
                field: {"value": _fit(field, message.facts[fact])}
                for field, fact in template.fields.items()
            },
        }

    def _call(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post with the shared token; once more with another one when it is refused."""
        token = self._token.get()
        answer = self._post(endpoint, body, token)
        if answer.get("errcode") in _TOKEN_CODES:
            answer = self._post(endpoint, body, self._token.replace(token))
        code = answer.get("errcode", 0)
        if code != 0:
            raise _error_of(code)
        return answer

    def _post(self, endpoint: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        return _answer_of(
            lambda: self._client.post(endpoint, params={"access_token": token}, data=body)
        )

    def _fetch_token(self) -> tuple[str, timedelta]:
        # stable_token: processes that ask at one moment get the same token (wechat.md 3.3).
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._app_secret,
            "force_refresh": False,
        }
        # Past wechatpy, which would want a token to fetch a token with.
        response = self._session.post(f"{_API_HOST}/cgi-bin/stable_token", json=body)
        answer = _answer_of(response.json)
        if "access_token" not in answer:
            raise _error_of(answer.get("errcode"))
        return str(answer["access_token"]), timedelta(seconds=int(answer["expires_in"]))

    def _fetch_ticket(self) -> tuple[str, timedelta]:
        # The access token comes before this lock is used for anything else: its lock is another.
        token = self._token.get()
        answer = self._get_ticket(token)
        if answer.get("errcode") in _TOKEN_CODES:
            answer = self._get_ticket(self._token.replace(token))
        if "ticket" not in answer:
            raise _error_of(answer.get("errcode"))
        return str(answer["ticket"]), timedelta(seconds=int(answer["expires_in"]))

    def _get_ticket(self, token: str) -> dict[str, Any]:
        return _answer_of(
            lambda: self._client.get(
                "ticket/getticket", params={"access_token": token, "type": "jsapi"}
            )
        )


def _answer_of(call: Callable[[], Any]) -> dict[str, Any]:
    """The JSON object that wechatpy answers with, its exceptions turned back into one."""
    try:
        answer = call()
    except WeChatClientException as error:
        return {"errcode": error.errcode}
    except ValueError:
        raise UnknownOutcomeError(_SYSTEM, "not_json") from None
    if not isinstance(answer, dict):
        raise UnknownOutcomeError(_SYSTEM, "not_json")
    return answer


def _error_of(code: object) -> TemporaryGatewayError | PermanentGatewayError:
    if code in {_BUSY, _QUOTA} or code in _TOKEN_CODES:
        return TemporaryGatewayError(_SYSTEM, str(code))
    if code in _CONFIGURATION_CODES:
        return ConfigurationGatewayError(_SYSTEM, str(code))
    return PermanentGatewayError(_SYSTEM, str(code))


def _fit(field: str, value: str) -> str:
    longest = _LONGEST_FIELD.get(field.rstrip("0123456789"), 32)
    return value if len(value) <= longest else value[: longest - 1] + "…"
