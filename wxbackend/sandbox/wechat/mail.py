"""Template messages on their way: numbers, repeats, and how each one ends."""

from __future__ import annotations

from threading import Lock

from wxbackend.sandbox.clock import Clock

FIRST_MESSAGE_ID = 2_400_000_000_000_000_000
REPEAT_SECONDS = 600
KEPT_REPEATS = 20_000
OUTCOMES = ("success", "failed:user block", "failed: system failed")


class MailRoom:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last_id = FIRST_MESSAGE_ID
        self._sent: dict[tuple[str, str], tuple[int, float]] = {}
        self._outcome = "success"
        self._outcome_count: int | None = None

    def number(self) -> int:
        with self._lock:
            self._last_id += 1
            return self._last_id

    def earlier(self, openid: str, client_id: str) -> int | None:
        """The number that the same message got within the last ten minutes."""
        number, at = self._sent.get((openid, client_id), (None, 0.0))
        return number if self._clock.now() - at < REPEAT_SECONDS else None

    def remember(self, openid: str, client_id: str, *, number: int) -> None:
        with self._lock:
            self._sent[openid, client_id] = (number, self._clock.now())
            if len(self._sent) > KEPT_REPEATS:
                del self._sent[next(iter(self._sent))]

    def set_outcome(self, outcome: str, count: int | None) -> None:
        with self._lock:
            self._outcome, self._outcome_count = outcome, count

    def outcome(self) -> tuple[str, int | None]:
        return self._outcome, self._outcome_count

    def take_outcome(self) -> str:
        """How the next template message ends."""
        with self._lock:
            outcome = self._outcome
            if self._outcome_count is not None:
                self._outcome_count -= 1
                if self._outcome_count <= 0:
                    self._outcome, self._outcome_count = "success", None
        return outcome
