"""The Official Account as the use cases see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wxbackend.domain.notifications import NotificationKind, SendOutcome


@dataclass(frozen=True, slots=True)
class WechatIdentity:
    """Who came back from OAuth. A snapshot user is a stand-in of WeChat's and no identity."""

    openid: str
    is_snapshot: bool


class CodeSpent(Exception):
    """The OAuth code was used before or is not valid any more: OAuth has to begin again."""


@dataclass(frozen=True, slots=True)
class JsSdkSignature:
    """What `wx.config` needs; the timestamp is text, since iOS refuses a number."""

    app_id: str
    timestamp: str
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class TemplateMessage:
    """A template message: `facts` by our own names, `reference` the same on a retry."""

    openid: str
    kind: NotificationKind
    facts: Mapping[str, str]
    url: str
    reference: str


@dataclass(frozen=True, slots=True)
class WechatHold:
    """An endpoint that is not called until then, and WeChat's code for why.

    `address` is ours as WeChat sees it, where its list of addresses lacks it (40164).
    """

    endpoint: str
    code: str
    since: datetime
    until: datetime
    address: str = ""

    @property
    def needs_an_admin(self) -> bool:
        """Whether it will not pass by itself, as a used-up quota does."""
        return self.code not in {"45009", "45011"}

    @property
    def is_explained(self) -> bool:
        """Whether the wording knows the code."""
        return self.code in {"40013", "40125", "40164", "40243", "45009", "48001"}


@dataclass(frozen=True, slots=True)
class WechatConnection:
    """How the account's connection stands: is a token kept, and what is being left alone."""

    app_id: str
    has_token: bool
    holds: tuple[WechatHold, ...]


class WechatAccount(Protocol):
    """The Official Account. Called by sign-in, the scan page and the notification sender."""

    @property
    def app_id(self) -> str: ...

    def authorize_url(self, *, redirect_uri: str, state: str) -> str: ...

    def exchange_code(self, code: str) -> WechatIdentity:
        """Never retried: the code may be spent. Raises: CodeSpent, GatewayError."""
        ...

    def sign_js_sdk(self, url: str, *, now: datetime) -> JsSdkSignature:
        """Raises: GatewayError."""
        ...

    def send_template(self, message: TemplateMessage) -> SendOutcome:
        """By template or by subscription, as the account is set up; checked before it is sent."""
        ...

    def kind_of_template(self, template_id: str) -> NotificationKind | None:
        """What an event about a template is about."""
        ...

    def warm_up(self) -> bool:
        """Fetch the token and the JS-SDK's ticket if none is kept, so that no visitor waits.

        Whether there was need. Called by the schedule. Raises: GatewayError, LockNotFree.
        """
        ...

    def connection(self) -> WechatConnection:
        """Asks nobody outside."""
        ...
