"""The policy in force: the configuration's numbers, and over them those the office set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from wxbackend.domain.office_numbers import with_office_numbers
from wxbackend.domain.policy import Policy

# A number that an admin changes reaches every process within this time.
READ_EVERY = timedelta(seconds=10)


class OfficeNumbers:
    """What this process read last of the office's numbers; asking it costs no question.

    Swapped as a whole, so that a thread sees the old numbers or the new ones, never a mixture.
    """

    def __init__(self) -> None:
        self._values: Mapping[str, object] = {}
        self._read_at: datetime | None = None
        self._applied: tuple[Policy, Mapping[str, object], Policy] | None = None

    def is_stale(self, now: datetime) -> bool:
        return self._read_at is None or abs(now - self._read_at) >= READ_EVERY

    def begin_reading(self, now: datetime) -> None:
        """Said before the question is asked: other threads need not ask it too."""
        self._read_at = now

    def put(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def over(self, configured: Policy) -> Policy:
        values, applied = self._values, self._applied
        if applied is not None and applied[0] is configured and applied[1] is values:
            return applied[2]
        policy = with_office_numbers(configured, values)
        self._applied = (configured, values, policy)
        return policy
