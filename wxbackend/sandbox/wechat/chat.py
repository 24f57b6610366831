"""What people said to the account, and when they were last heard of."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from threading import Lock

from wxbackend.sandbox.clock import Clock

KEPT_LINES = 100
TALKING_SECONDS = 48 * 3600


@dataclass(frozen=True)
class ChatLine:
    """`kind` is `said` (the person's own words) or `failed` (the app did not answer them)."""

    id: int
    kind: str
    text: str
    at: str


class ChatLog:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._lines: dict[str, deque[ChatLine]] = defaultdict(lambda: deque(maxlen=KEPT_LINES))
        self._heard_at: dict[str, float] = {}
        self._last_id = 0

    def add(self, openid: str, kind: str, *, text: str = "") -> None:
        with self._lock:
            self._last_id += 1
            self._lines[openid].append(ChatLine(self._last_id, kind, text, self._clock.stamp()))

    def lines(self, openid: str) -> list[ChatLine]:
        with self._lock:
            return list(self._lines.get(openid, ()))

    def hear(self, openid: str) -> None:
        """The person did something: for 48 hours the account may write freely."""
        self._heard_at[openid] = self._clock.now()

    def may_write_to(self, openid: str) -> bool:
        heard_at = self._heard_at.get(openid)
        return heard_at is not None and self._clock.now() - heard_at < TALKING_SECONDS
