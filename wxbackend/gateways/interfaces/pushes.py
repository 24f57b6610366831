"""WeChat's pushes as the use cases see them: opened after every check, answered in an envelope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wxbackend.domain.pushes import Push


class PushRefused(Exception):
    """It is not from WeChat, not fresh, not sealed, or not for us; nothing may come of it."""


class PushUnreadable(Exception):
    """It is from WeChat, and in no shape that we know: delivering it again would not help."""


@dataclass(frozen=True, slots=True)
class PushQuery:
    """What stands in the address of a delivery."""

    signature: str
    timestamp: str
    nonce: str
    message_signature: str = ""


class PushEnvelopes(Protocol):
    """The safe mode. Called by the push handler, and by nobody else."""

    def check(self, query: PushQuery, *, now: datetime) -> None:
        """Before anything else of a request is read. Raises: PushRefused."""
        ...

    def open(self, query: PushQuery, body: bytes) -> Push:
        """Raises: PushRefused, PushUnreadable."""
        ...

    def seal_text(self, push: Push, text: str, *, now: datetime) -> str:
        """The answer to a push: a text for its sender."""
        ...
