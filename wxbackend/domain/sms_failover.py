"""When an SMS provider is left, and how it comes back. Source: reliability.md, GOV.UK Notify."""

from __future__ import annotations

from datetime import timedelta

FAILURE_WINDOW = timedelta(seconds=60)
SLOWNESS_WINDOW = timedelta(minutes=5)
RECOVERY_STEP = timedelta(seconds=60)

# Of these many calls in the window: however much went well before, a provider that dies is left
# after five texts.
NEWEST_CALLS = 10

_LEAST_BAD_CALLS = 5
_BAD_PART = 0.5
_LEAST_CALLS_TO_BE_SLOW = 10
_SLOW_SECONDS = 5.0
# A provider that is well again first proves it on few texts.
_STEPS = (0, 10, 50, 100)


def is_failing(calls: int, bad: int) -> bool:
    """Whether the newest calls of FAILURE_WINDOW are reason enough to leave the provider."""
    return bad >= _LEAST_BAD_CALLS and bad >= _BAD_PART * calls


def is_slow(calls: int, seconds: float) -> bool:
    """Whether the mean of SLOWNESS_WINDOW's calls is."""
    return calls >= _LEAST_CALLS_TO_BE_SLOW and seconds > _SLOW_SECONDS


def next_share(share: int, *, bad: int) -> int:
    """The share after a step: nothing while calls still fail, else the next step up."""
    if bad:
        return 0
    return next(step for step in _STEPS if step > share)
