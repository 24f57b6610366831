"""The mini-program as the use cases see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wxbackend.domain.notifications import NotificationKind, SendOutcome
from wxbackend.gateways.interfaces.wechat import WechatConnection


class ProgramCodeSpent(Exception):
    """A code of the mini-program was used before, or is not valid any more: it must ask anew."""


@dataclass(frozen=True, slots=True)
class SubscribedMessage:
    """A message that the person agreed to get once: `facts` by our own names."""

    openid: str
    kind: NotificationKind
    facts: Mapping[str, str]
    page: str


class MiniProgram(Protocol):
    """The mini-program's side of WeChat. Called by the API's sign-in, the driver, the sender."""

    @property
    def app_id(self) -> str: ...

    @property
    def template_ids(self) -> tuple[str, ...]:
        """For which the program asks its person to agree, before it reserves."""
        ...

    def page_of(self, reservation_id: str) -> str:
        """The program's page of a reservation."""
        ...

    def exchange_code(self, js_code: str) -> str:
        """The openid. Never retried. Raises: ProgramCodeSpent, GatewayError."""
        ...

    def fetch_phone_number(self, code: str) -> str:
        """The number as WeChat knows it. Raises: ProgramCodeSpent, GatewayError."""
        ...

    def draw_code(self, scene: str) -> bytes:
        """The round code that opens the page for scanned passes. Raises: GatewayError."""
        ...

    def send_subscribed(self, message: SubscribedMessage) -> SendOutcome: ...

    def connection(self) -> WechatConnection:
        """Asks nobody outside."""
        ...
