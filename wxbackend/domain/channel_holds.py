"""When a whole channel waits instead of its messages, and how it is probed."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from wxbackend.domain.notifications import Answer, SendOutcome

# A provider that asks for a shorter pause means this one message.
LEAST_QUOTA_WAIT = timedelta(seconds=60)
_FIRST_PROBE_AFTER = timedelta(seconds=30)
_LONGEST_PROBE_PAUSE = timedelta(minutes=5)
_JITTER = 0.1


class HoldReason(StrEnum):
    CONFIGURATION = "configuration"
    QUOTA = "quota"


def hold_reason(outcome: SendOutcome) -> HoldReason | None:
    """Why no other message of this channel would fare better now; None when others may."""
    if outcome.answer is Answer.CONFIGURATION:
        return HoldReason.CONFIGURATION
    if outcome.answer is Answer.THROTTLED and (outcome.wait or timedelta()) >= LEAST_QUOTA_WAIT:
        return HoldReason.QUOTA
    return None


def probe_pause(probes: int, *, chance: float) -> timedelta:
    """The pause before the next probe after so many. `chance` lies in [0, 1)."""
    factor = 1 << min(probes, 10)
    pause = min(_FIRST_PROBE_AFTER * factor, _LONGEST_PROBE_PAUSE)
    return pause * (1 + _JITTER * (2 * chance - 1))
