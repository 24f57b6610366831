"""When an SMS provider is left, and how it comes back. Source: reliability.md, GOV.UK Notify."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wxbackend.domain.notifications import Answer

FAILURE_WINDOW = timedelta(seconds=60)
SLOWNESS_WINDOW = timedelta(minutes=5)

# Of these many calls in the window: however much went well before, a provider that dies is left
# after five texts.
NEWEST_CALLS = 10
FULL_SHARE = 100

_LEAST_BAD_CALLS = 5
_BAD_PART = 0.5
_LEAST_CALLS_TO_BE_SLOW = 10
_SLOW_SECONDS = 5.0
# A provider that is well again first proves it on few texts.
_STEPS = (0, 10, 50, 100)
# One that fails its trial waits twice as long for the next one, up to so many steps.
_MOST_STEPS_BETWEEN_TRIALS = 10


# These say that the text was certainly not sent.
NOT_SENT = frozenset({Answer.TRANSIENT, Answer.THROTTLED, Answer.CONFIGURATION})
_BAD = NOT_SENT | {Answer.UNKNOWN}


@dataclass(frozen=True, slots=True)
class SmsCall:
    """One call of one provider, to be noted with what came of the text."""

    provider: str
    answer: Answer
    seconds: float

    @property
    def is_good(self) -> bool:
        return self.answer not in _BAD


class ShareReason(StrEnum):
    """Why a provider's share of the texts changed."""

    FAILING = "failing"
    SLOW = "slow"
    CONFIGURATION = "configuration"
    TRIAL = "trial"
    STILL_FAILING = "still_failing"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    STOPPED = "stopped"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of its texts that a provider gets, and why; a new one gets all."""

    percent: int = FULL_SHARE
    reason: ShareReason | None = None
    failed_trials: int = 0
    changed_at: datetime | None = None

    @property
    def is_stopped(self) -> bool:
        """A person decided so: it gets nothing at all until a person decides otherwise."""
        return self.reason is ShareReason.STOPPED

    @property
    def is_on_trial(self) -> bool:
        return 0 < self.percent < FULL_SHARE


def is_failing(calls: int, bad: int) -> bool:
    """Whether the newest calls of FAILURE_WINDOW are reason enough to leave the provider."""
    return bad >= _LEAST_BAD_CALLS and bad >= _BAD_PART * calls


def is_slow(calls: int, seconds: float) -> bool:
    """Whether the mean of SLOWNESS_WINDOW's calls is."""
    return calls >= _LEAST_CALLS_TO_BE_SLOW and seconds > _SLOW_SECONDS


def pause_before_step(share: Share, *, step: timedelta, configuration: timedelta) -> timedelta:
    """How long a lowered share stays before it may rise.

    Wrong settings of ours do not heal by themselves: such a provider is tried only rarely.
    """
    if share.percent:
        return step
    if share.reason is ShareReason.CONFIGURATION:
        return configuration
    steps = 1 << min(share.failed_trials, _MOST_STEPS_BETWEEN_TRIALS)
    return step * min(steps, _MOST_STEPS_BETWEEN_TRIALS)


def after_trial(share: Share, *, calls: int, bad: int, seconds: float) -> Share | None:
    """What becomes of a lowered share by the calls since it changed; None for no change.

    From nothing it rises to a trial; from there only by calls that went well.
    """
    if share.is_stopped or share.percent == FULL_SHARE:
        return None
    if bad:
        return failed_trial(share)
    if calls and seconds > _SLOW_SECONDS:
        return Share(0, ShareReason.SLOW, share.failed_trials + 1)
    if share.is_on_trial and not calls:
        return None
    percent = next(one for one in _STEPS if one > share.percent)
    if percent == FULL_SHARE:
        return Share(percent, ShareReason.RECOVERED)
    reason = ShareReason.RECOVERING if share.percent else ShareReason.TRIAL
    return Share(percent, reason, share.failed_trials)


def failed_trial(share: Share) -> Share:
    return Share(0, ShareReason.STILL_FAILING, share.failed_trials + 1)
