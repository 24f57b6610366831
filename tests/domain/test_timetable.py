"""When a job's turn comes, whatever the clock did."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from wxbackend.domain.timetable import (
    Daily,
    Every,
    LastTurn,
    is_due,
    is_overdue,
    moment_due,
    next_turn,
)

HOURLY = Every(timedelta(hours=1))
NIGHTLY = Daily((time(3, 40),))
TWICE = Daily((time(18, 0), time(12, 0)))
NOON = datetime(2022, 4, 22, 4, 0, tzinfo=UTC)  # 12:00 in Guangzhou
LAST_NIGHT = datetime(2022, 4, 21, 19, 40, tzinfo=UTC)


def ran(hours_ago: float) -> LastTurn:
    return LastTurn(NOON - timedelta(hours=hours_ago), None)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (LastTurn(None, None), True),
        (ran(0.9), False),
        (ran(1), True),
        (ran(50), True),
        (ran(-2), True),  # the clock was two hours ahead: it must not wait three
    ],
)
def test_an_interval_is_owed_when_it_has_passed(last, due):
    assert is_due(HOURLY, last, NOON) is due


@pytest.mark.parametrize(
    ("ran_for", "due"),
    [
        (None, True),
        (LAST_NIGHT, False),
        (LAST_NIGHT - timedelta(days=1), True),
        (LAST_NIGHT - timedelta(days=9), True),
        (LAST_NIGHT + timedelta(days=1), False),  # the clock was put back over a moment
        (LAST_NIGHT + timedelta(days=9), True),  # the clock was wrong: that is no reason to wait
    ],
)
def test_a_daily_moment_is_owed_until_it_was_run_for(ran_for, due):
    assert is_due(NIGHTLY, LastTurn(None, ran_for), NOON) is due


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        (NOON - timedelta(seconds=1), datetime(2022, 4, 21, 10, 0, tzinfo=UTC)),
        (NOON, NOON),
        (NOON + timedelta(hours=6), datetime(2022, 4, 22, 10, 0, tzinfo=UTC)),
        (datetime(2022, 4, 21, 16, 30, tzinfo=UTC), datetime(2022, 4, 21, 10, 0, tzinfo=UTC)),
    ],
)
def test_times_of_the_day_are_the_districts(now, moment):
    assert moment_due(TWICE, now) == moment


def test_the_next_turn_is_said():
    assert next_turn(HOURLY, ran(0.25), NOON) == NOON + timedelta(minutes=45)
    assert next_turn(NIGHTLY, LastTurn(None, LAST_NIGHT), NOON) == LAST_NIGHT + timedelta(days=1)
    missed = LastTurn(None, LAST_NIGHT - timedelta(days=1))
    assert next_turn(NIGHTLY, missed, NOON) == LAST_NIGHT


@pytest.mark.parametrize(
    ("trigger", "last", "overdue"),
    [
        (HOURLY, ran(1.01), False),
        (HOURLY, ran(1.02), True),
        (Every(timedelta(seconds=5)), LastTurn(NOON - timedelta(seconds=150), None), False),
        (Every(timedelta(seconds=5)), LastTurn(NOON - timedelta(seconds=190), None), True),
        (NIGHTLY, LastTurn(None, LAST_NIGHT), False),
        (NIGHTLY, LastTurn(None, LAST_NIGHT - timedelta(days=1)), True),
    ],
)
def test_what_is_late_is_overdue(trigger, last, overdue):
    assert is_overdue(trigger, last, NOON) is overdue
