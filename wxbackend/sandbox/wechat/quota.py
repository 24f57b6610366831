"""How often a day each call may be made."""

from __future__ import annotations

from threading import Lock

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.wechat.errors import WeChatError

# Calls a day (source: wechat.md 3.3, 4.1, 5.1; the month's clearings of the quota likewise).
DAILY = {
    "token": 2_000,
    "stable_token": 500_000,
    "stable_token_force": 20,
    "menu/create": 1_000,
    "menu/get": 10_000,
    "menu/delete": 1_000,
    "menu/addconditional": 2_000,
    "menu/delconditional": 2_000,
    "menu/trymatch": 20_000,
}
CLEARINGS_A_MONTH = 10


class Quota:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str], int] = {}
        # What a test allows a day instead, also of calls that have no limit of their own here.
        self.lowered: dict[str, int] = {}
        self._lock = Lock()

    def spend(self, call: str) -> None:
        """Count one call.

        Raises:
            WeChatError: 45009 when today's calls are used up.
        """
        if not self.has_left(call):
            raise WeChatError(45009)
        self._count(call, self._clock.day())

    def spend_if_lowered(self, call: str) -> None:
        """Count a call that only a test has limited.

        Raises:
            WeChatError: 45009 when today's calls are used up.
        """
        if call in self.lowered and call not in DAILY:
            self.spend(call)

    def has_left(self, call: str) -> bool:
        most = self.lowered.get(call, DAILY.get(call, 0))
        return self._counts.get((call, self._clock.day()), 0) < most

    def clear(self) -> None:
        """Start today's counts anew.

        Raises:
            WeChatError: 48006 when this month's clearings are used up.
        """
        day = self._clock.day()
        if self._counts.get(("clear_quota", day[:7]), 0) >= CLEARINGS_A_MONTH:
            raise WeChatError(48006)
        with self._lock:
            for key in [key for key in self._counts if key[1] == day]:
                del self._counts[key]
        self._count("clear_quota", day[:7])

    def _count(self, call: str, period: str) -> None:
        with self._lock:
            self._counts[call, period] = self._counts.get((call, period), 0) + 1
