"""When a provider is left and how it comes back, at the boundaries."""

from __future__ import annotations

import pytest

from wxbackend.domain.sms_failover import is_failing, is_slow, next_share


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
    ("share", "bad", "after"),
    [(0, 0, 10), (10, 0, 50), (50, 0, 100), (50, 1, 0), (10, 3, 0), (0, 2, 0)],
)
def test_a_provider_comes_back_by_steps_or_not(share, bad, after):
    assert next_share(share, bad=bad) == after
