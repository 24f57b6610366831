"""The Official Account: OAuth through wechatpy, the JS-SDK's signature, template messages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from wechatpy import WeChatOAuth
from wechatpy.client.api import WeChatJSAPI
from wechatpy.exceptions import WeChatOAuthException

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.domain.template_fields import field_takes, fit_field
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
from wxbackend.gateways.wechat.calls import WechatCalls, token_in
from wxbackend.gateways.wechat.codes import CODE_SPENT, REFUSED_FIELD, SYSTEM, error_of
from wxbackend.gateways.wechat.outcomes import outcome_of

_log = logging.getLogger(__name__)
_TEMPLATE_ENDPOINT = "cgi-bin/message/template/send"
_SUBSCRIPTION_ENDPOINT = "cgi-bin/message/subscribe/bizsend"


@dataclass(frozen=True, slots=True)
class Template:
    """A template's id, and by each of its fields the name of the fact that it shows."""

    id: str
    fields: Mapping[str, str]

    def values(self, facts: Mapping[str, str]) -> dict[str, str]:
        """The facts as the fields take them, where cutting is enough for that."""
        return {field: fit_field(field, facts[fact]) for field, fact in self.fields.items()}


def first_wrong_field(values: Mapping[str, str]) -> str | None:
    return next((name for name, value in values.items() if not field_takes(name, value)), None)


class OfficialAccount:
    def __init__(
        self,
        store: SharedStore,
        calls: WechatCalls,
        *,
        open_base_url: str,
        templates: Mapping[NotificationKind, Template],
        by_subscription: bool = False,
    ) -> None:
        self.app_id = calls.app_id
        self._calls = calls
        self._open_base_url = open_base_url
        self._templates = templates
        self._by_subscription = by_subscription
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

    def warm_up(self) -> bool:
        is_cold = self._tickets.find() is None
        self._ticket()
        return is_cold

    def connection(self) -> WechatConnection:
        return self._calls.connection()

    def send_template(self, message: TemplateMessage) -> SendOutcome:
        template = self._templates[message.kind]
        values = template.values(message.facts)
        if (wrong := first_wrong_field(values)) is not None:
            _log.error("template field does not fit", extra={"field": wrong})
            return SendOutcome(Answer.PERMANENT, REFUSED_FIELD)
        body = {
            "touser": message.openid,
            "template_id": template.id,
            "data": {field: {"value": value} for field, value in values.items()},
        }
        if self._by_subscription:
            return self._send_subscribed(message, body)
        # Its client_msg_id makes a repeated message one message.
        body |= {"url": message.url, "client_msg_id": message.reference}
        return outcome_of(lambda: self._calls.post(_TEMPLATE_ENDPOINT, body, repeatable=True))

    def kind_of_template(self, template_id: str) -> NotificationKind | None:
        found = (kind for kind, one in self._templates.items() if one.id == template_id)
        return next(found, None)

    def _send_subscribed(self, message: TemplateMessage, body: dict[str, Any]) -> SendOutcome:
        """WeChat gives these no number: the page they open carries ours."""
        body["page"] = f"{message.url}?m={message.reference}"
        outcome = outcome_of(lambda: self._calls.post(_SUBSCRIPTION_ENDPOINT, body))
        if outcome.answer is not Answer.ACCEPTED:
            return outcome
        return replace(outcome, reference=message.reference)

    def _ticket(self) -> str:
        # The access token first: its lock must not be waited for while holding the ticket's.
        self._calls.token()
        return self._tickets.get()

    def _fetch_ticket(self) -> tuple[str, timedelta]:
        answer = self._calls.get("cgi-bin/ticket/getticket", {"type": "jsapi"})
        return token_in(answer, "ticket")


def _identity_in(answer: Mapping[str, Any]) -> WechatIdentity:
    openid = answer["openid"]
    if not isinstance(openid, str) or not openid:
        raise UnknownOutcomeError(SYSTEM, "no_openid")
    return WechatIdentity(openid, is_snapshot=str(answer.get("is_snapshotuser", 0)) != "0")
