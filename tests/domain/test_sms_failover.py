"""When a provider is left and how it comes back, at the boundaries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wxbackend.domain.sms_failover import (
    Share,
    ShareReason,
    after_trial,
    is_failing,
    is_slow,
    pause_before_step,
)

_R = ShareReason
STEP, RARELY = timedelta(minutes=1), timedelta(minutes=30)


@pytest.mark.parametrize(
    ("calls", "bad", "expected"),
    [(4, 4, False), (5, 4, False), (5, 5, True), (10, 4, False), (10, 5, True), (10, 10, True)],
)
def test_five_bad_calls_that_are_half_of_all(calls, bad, expected):
    assert is_failing(calls, bad) is expected


@pytest.mark.parametrize(
    ("calls", "seconds", "expected"), [(9, 60.0, False), (10, 5.0, False), (10, 5.01, True)]
)
def test_ten_calls_of_more_than_five_seconds_are_slow(calls, seconds, expected):
    assert is_slow(calls, seconds) is expected


@pytest.mark.parametrize(
    ("percent", "calls", "bad", "after"),
    [
        (0, 0, 0, Share(10, _R.TRIAL, 2)),
        (10, 1, 0, Share(50, _R.RECOVERING, 2)),
        (50, 9, 0, Share(100, _R.RECOVERED)),
        (50, 9, 1, Share(0, _R.STILL_FAILING, 3)),
        (10, 1, 1, Share(0, _R.STILL_FAILING, 3)),
        # Nothing went by it: nothing is proven.
        (10, 0, 0, None),
        (50, 0, 0, None),
    ],
)
def test_a_provider_comes_back_by_steps_or_not(percent, calls, bad, after):
    share = Share(percent, _R.TRIAL, 2)
    assert after_trial(share, calls=calls, bad=bad, seconds=0.1) == after


def test_a_provider_that_is_still_slow_is_left_again():
    share = Share(10, _R.TRIAL)
    assert after_trial(share, calls=1, bad=0, seconds=5.1) == Share(0, _R.SLOW, 1)


@pytest.mark.parametrize("share", [Share(), Share(0, _R.STOPPED)])
def test_what_is_whole_or_stopped_stays(share):
    assert after_trial(share, calls=5, bad=0, seconds=0.1) is None


@pytest.mark.parametrize(
    ("share", "pause"),
    [
        (Share(0, _R.FAILING), STEP),
        (Share(0, _R.STILL_FAILING, 1), 2 * STEP),
        (Share(0, _R.STILL_FAILING, 3), 8 * STEP),
        (Share(0, _R.STILL_FAILING, 50), 10 * STEP),
        (Share(0, _R.CONFIGURATION), RARELY),
        (Share(10, _R.TRIAL, 5), STEP),
    ],
)
def test_trials_of_a_provider_grow_rarer(share, pause):
    assert pause_before_step(share, step=STEP, configuration=RARELY) == pause
