"""The mini-program: who uses it, their phone number, its round codes, its messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.interfaces.mini_program import ProgramCodeSpent, SubscribedMessage
from wxbackend.gateways.interfaces.wechat import WechatConnection
from wxbackend.gateways.wechat.account import Template, first_wrong_field
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.codes import CODE_SPENT, REFUSED_FIELD, SYSTEM
from wxbackend.gateways.wechat.outcomes import outcome_of

_SPENT = frozenset(str(code) for code in CODE_SPENT)
# One version of the program, as two calls name it.
_STATES = {"release": "formal", "trial": "trial", "develop": "developer"}
_CODE_WIDTH = 430  # the platform's own default, in pixels


class WechatMiniProgram:
    """Without an app id there is none, and every call says so."""

    def __init__(
        self,
        calls: WechatCalls,
        *,
        templates: Mapping[NotificationKind, Template],
        scan_page: str,
        reservation_page: str,
        version: str,
    ) -> None:
        self.app_id = calls.app_id
        self._calls = calls
        self._templates = templates
        self._scan_page = scan_page
        self._reservation_page = reservation_page
        self._version = version

    def connection(self) -> WechatConnection:
        return self._calls.connection()

    @property
    def template_ids(self) -> tuple[str, ...]:
        return tuple(template.id for template in self._templates.values())

    def page_of(self, reservation_id: str) -> str:
        return f"{self._reservation_page}?id={reservation_id}"

    def exchange_code(self, js_code: str) -> str:
        self._must_be_there()
        query = {"js_code": js_code, "grant_type": "authorization_code"}
        try:
            answer = self._calls.get_with_secret("sns/jscode2session", query)
        except GatewayError as error:
            raise _spent_or(error) from None
        # The session_key beside it opens data that we do not ask for: it is not kept.
        return _word_in(answer, "openid")

    def fetch_phone_number(self, code: str) -> str:
        self._must_be_there()
        try:
            answer = self._calls.post("wxa/business/getuserphonenumber", {"code": code})
        except GatewayError as error:
            raise _spent_or(error) from None
        phone = answer.get("phone_info")
        return _word_in(phone if isinstance(phone, dict) else {}, "purePhoneNumber")

    def draw_code(self, scene: str) -> bytes:
        self._must_be_there()
        body = {
            "scene": scene,
            "page": self._scan_page,
            "check_path": False,  # a page of a version that is still in review counts too
            "env_version": self._version,
            "width": _CODE_WIDTH,
        }
        return self._calls.post_for_bytes("wxa/getwxacodeunlimit", body)

    def send_subscribed(self, message: SubscribedMessage) -> SendOutcome:
        template = self._templates[message.kind]
        values = template.values(message.facts)
        if first_wrong_field(values) is not None:
            return SendOutcome(Answer.PERMANENT, REFUSED_FIELD)
        body = {
            "touser": message.openid,
            "template_id": template.id,
            "page": message.page,
            "miniprogram_state": _STATES[self._version],
            "data": {field: {"value": value} for field, value in values.items()},
        }
        # Unlike a template message it carries nothing that would make a repeated one the same.
        return outcome_of(lambda: self._calls.post("cgi-bin/message/subscribe/send", body))

    def _must_be_there(self) -> None:
        if not self.app_id:
            raise ConfigurationGatewayError(SYSTEM, "no_mini_program")


def _spent_or(error: GatewayError) -> Exception:
    return ProgramCodeSpent() if error.code in _SPENT else error


def _word_in(answer: Mapping[str, Any], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise UnknownOutcomeError(SYSTEM, f"no_{name}")
    return found
