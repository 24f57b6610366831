"""The sandbox's own idea of now, which a test may move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


class Clock:
    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def now(self) -> float:
        """Unix seconds, shifted by the offset."""
        return time.time() + self.offset_seconds

    def stamp(self) -> str:
        """Now as an ISO 8601 text in UTC."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds")

    def day(self) -> str:
        """The calendar day in China, where the platforms start their quotas anew."""
        return datetime.fromtimestamp(self.now(), SHANGHAI).date().isoformat()
