"""Senders of messages as the use cases see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wxbackend.domain.notifications import NotificationKind, SendOutcome


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """`text` as it will arrive; `facts` fill a provider's own template of this kind."""

    phone: str
    kind: NotificationKind
    text: str
    facts: Mapping[str, str]


class SmsSender(Protocol):
    """One SMS provider. None of them recognises a repeated request."""

    @property
    def name(self) -> str:
        """As settings, logs and pages name it: mas, mas2, tencent."""

    def carries(self, kind: NotificationKind) -> bool:
        """Whether a text of this kind is registered with the provider."""

    def send(self, message: ShortMessage) -> SendOutcome: ...


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
