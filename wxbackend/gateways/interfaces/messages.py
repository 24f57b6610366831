"""Senders of messages as the use cases see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from wxbackend.domain.notifications import NotificationKind, SendOutcome


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """`text` as it will arrive; `facts` fill a provider's own template of this kind.

    `reference` is ours, and comes back with the receipt where a provider passes it on.
    """

    phone: str
    kind: NotificationKind
    text: str
    facts: Mapping[str, str]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a provider says of one text; `at` and `phone` are None where it does not say."""

    reference: str
    phone: str | None
    is_delivered: bool
    code: str
    at: datetime | None
    own_reference: str = ""


class SmsSender(Protocol):
    """One SMS provider. None of them recognises a repeated request."""

    @property
    def name(self) -> str:
        """As settings, logs and pages name it: mas, mas2, tencent, aliyun."""

    def carries(self, kind: NotificationKind) -> bool:
        """Whether a text of this kind is registered with the provider."""

    def fits(self, message: ShortMessage) -> bool:
        """Whether the provider takes a text, and facts, of this length."""

    def send(self, message: ShortMessage) -> SendOutcome: ...

    def read_report(self, item: Mapping[str, Any]) -> DeliveryReport | None:
        """One item of a receipt; None for what is none."""

    @property
    def receipt_answer(self) -> Mapping[str, Any]:
        """What the provider wants to hear when its receipt has arrived."""


@dataclass(frozen=True, slots=True)
class Card:
    """A message with a link: title up to 128 bytes, text up to 512."""

    title: str
    text: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to send: its name in the file store, and the name that its reader sees."""

    stored_as: str
    name: str


class MemberMessenger(Protocol):
    """粤政易. The same arguments make the same bytes, and the platform delivers them once."""

    def send_text(self, *, member_id: str, text: str, reference: int) -> SendOutcome: ...

    def send_card(self, *, member_id: str, card: Card, reference: int) -> SendOutcome: ...

    def send_file(self, *, member_id: str, file: StoredFile, reference: int) -> SendOutcome: ...

    def warm_up(self) -> bool:
        """Fetch the token if none is kept, so that no message waits; whether there was need.

        Called by the schedule. Raises: GatewayError, LockNotFree.
        """
        ...
