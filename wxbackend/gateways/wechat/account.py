"""The Official Account: OAuth through wechatpy, the JS-SDK's signature, template messages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from wechatpy import WeChatOAuth
from wechatpy.client.api import WeChatJSAPI
from wechatpy.exceptions import WeChatOAuthException

from wxbackend.domain.notifications import NotificationKind, SendOutcome
from wxbackend.gateways.errors import UnknownOutcomeError
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.wechat import (
    CodeSpent,
    JsSdkSignature,
    TemplateMessage,
    WechatConnection,
    WechatIdentity,
)
from wxbackend.gateways.tokens import TokenKeeper
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.codes import CODE_SPENT, SYSTEM, error_of
from wxbackend.gateways.wechat.outcomes import outcome_of

# The longest value that a template field takes. Source: wechat.md section 5.4.
_LONGEST_FIELD = {"thing": 20, "character_string": 32, "car_number": 8, "phrase": 5, "name": 20}


@dataclass(frozen=True, slots=True)
class Template:
    """A template's id, and by each of its fields the name of the fact that it shows."""

    id: str
    fields: Mapping[str, str]


class OfficialAccount:
    def __init__(
        self,
        store: SharedStore,
        calls: WechatCalls,
        *,
        open_base_url: str,
        templates: Mapping[NotificationKind, Template],
    ) -> None:
        self.app_id = calls.app_id
        self._calls = calls
        self._open_base_url = open_base_url
        self._templates = templates
        self._tickets = TokenKeeper(
            store, name=f"wechat.{self.app_id}.jsapi", fetch=self._fetch_ticket
        )

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
        oauth = WeChatOAuth(self.app_id, self._calls.app_secret, redirect_uri="")
        oauth._http = self._calls.session
        try:
            answer = oauth.fetch_access_token(code)
        except WeChatOAuthException as error:
            if error.errcode in CODE_SPENT:
                raise CodeSpent from None
            raise error_of(error.errcode) from None
        except (ValueError, KeyError, AttributeError, TypeError):
            raise UnknownOutcomeError(SYSTEM, "not_json") from None
        return _identity_in(answer)

    def sign_js_sdk(self, url: str, *, now: datetime) -> JsSdkSignature:
        nonce, timestamp = secrets.token_hex(8), str(int(now.timestamp()))
        signature = WeChatJSAPI().get_jsapi_signature(nonce, self._ticket(), timestamp, url)
        return JsSdkSignature(self.app_id, timestamp, nonce, signature)

    def warm_up(self) -> None:
        self._ticket()

    def connection(self) -> WechatConnection:
        return self._calls.connection()

    def send_template(self, message: TemplateMessage) -> SendOutcome:
        body = self._template_body(message)
        # Its client_msg_id makes a repeated message one message.
        return outcome_of(
            lambda: self._calls.post("cgi-bin/message/template/send", body, repeatable=True)
        )

    def _template_body(self, message: TemplateMessage) -> dict[str, Any]:
        template = self._templates[message.kind]
        return {
            "touser": message.openid,
            "template_id": template.id,
            "url": message.url,
            "client_msg_id": message.reference,
            "data": {
                field: {"value": fit_field(field, message.facts[fact])}
                for field, fact in template.fields.items()
            },
        }

    def _ticket(self) -> str:
        # The access token first: its lock must not be waited for while holding the ticket's.
        self._calls.token()
        return self._tickets.get()

    def _fetch_ticket(self) -> tuple[str, timedelta]:
        answer = self._calls.get("cgi-bin/ticket/getticket", {"type": "jsapi"})
        if "ticket" not in answer:
            raise UnknownOutcomeError(SYSTEM, "no_ticket")
        return str(answer["ticket"]), timedelta(seconds=int(answer["expires_in"]))


def _identity_in(answer: Mapping[str, Any]) -> WechatIdentity:
    openid = answer["openid"]
    if not isinstance(openid, str) or not openid:
        raise UnknownOutcomeError(SYSTEM, "no_openid")
    return WechatIdentity(openid, is_snapshot=str(answer.get("is_snapshotuser", 0)) != "0")


def fit_field(field: str, value: str) -> str:
    """The value as long as a template's field of this kind takes it."""
    longest = _LONGEST_FIELD.get(field.rstrip("0123456789"), 32)
    return value if len(value) <= longest else value[: longest - 1] + "…"
