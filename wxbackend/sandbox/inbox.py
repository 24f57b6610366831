"""What the platforms delivered to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.ledger import Ledger

KEPT_MESSAGES = 50_000


@dataclass(frozen=True)
class Message:
    """One delivered message; `raw` is the request that caused it."""

    id: int
    channel: str
    provider: str
    to: str
    text: str
    url: str | None
    file_name: str | None
    at: str
    raw: dict[str, Any]


class Inbox:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: Ledger[Message] = Ledger(KEPT_MESSAGES)

    def deliver(
        self,
        channel: str,
        to: str,
        *,
        provider: str,
        text: str,
        raw: dict[str, Any],
        url: str | None = None,
        file_name: str | None = None,
    ) -> Message:
        at = self._clock.stamp()
        return self._messages.add(
            lambda number: Message(number, channel, provider, to, text, url, file_name, at, raw)
        )

    def read(
        self,
        channel: str | None = None,
        to: str | None = None,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Message]:
        def wanted(message: Message) -> bool:
            return channel in {None, message.channel} and to in {None, message.to}

        return self._messages.read(wanted, after=after, limit=limit)

    def clear(self) -> None:
        self._messages.clear()
