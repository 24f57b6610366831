"""The digest's windows and words at the boundaries."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxbackend.domain.digests import Window, next_window, windows_ended
from wxbackend.domain.moments import DISTRICT_TIME, to_local

TIMES = (time(12), time(18))


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2022, 4, day, hour, minute, second, tzinfo=DISTRICT_TIME)


def ends(after: datetime, until: datetime, times: tuple[time, ...] = TIMES) -> list[datetime]:
    return [window.end for window in windows_ended(after, until, times)]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (at(22, 11, 59, 59), []),
        (at(22, 12), [at(22, 12)]),
        (at(22, 12, 0, 1), [at(22, 12)]),
        (at(22, 17, 59, 59), [at(22, 12)]),
        (at(22, 18), [at(22, 12), at(22, 18)]),
        (at(23, 12), [at(22, 12), at(22, 18), at(23, 12)]),
    ],
)
def test_a_window_is_due_from_its_end_on(until, expected):
    assert ends(at(21, 18), until) == expected


def test_a_window_that_was_made_is_not_made_again():
    assert ends(at(22, 12), at(22, 12, 30)) == []
    assert ends(at(22, 12), at(22, 18)) == [at(22, 18)]


def test_windows_follow_each_other_without_gap_or_overlap():
    windows = windows_ended(at(1, 0), at(25, 0), TIMES)
    assert len(windows) == 48
    for before, after in pairwise(windows):
        assert before.end == after.start
    lengths = {window.end - window.start for window in windows}
    assert lengths == {timedelta(hours=6), timedelta(hours=18)}


def test_only_the_first_window_of_a_day_begins_the_day_before():
    noon, evening = windows_ended(at(21, 18), at(22, 18), TIMES)
    assert noon.begins_the_day_before
    assert not evening.begins_the_day_before


def test_one_time_a_day_and_times_in_any_order():
    assert ends(at(21, 18), at(23, 9), (time(8, 30),)) == [at(22, 8, 30), at(23, 8, 30)]
    assert ends(at(21, 18), at(22, 18), (time(18), time(12))) == [at(22, 12), at(22, 18)]


def test_a_window_at_midnight_begins_the_day_before():
    (window,) = windows_ended(at(21, 13), at(22, 0), (time(0), time(12)))
    assert window == Window(at(21, 12), at(22, 0))
    assert window.begins_the_day_before


# ---- whatever happens to the clock, the configured times and the schedulers ----------------------

clock_times = st.times().map(lambda found: found.replace(second=0, microsecond=0, fold=0))
configured = st.lists(clock_times, min_size=1, max_size=4).map(tuple)
moves = st.lists(
    st.tuples(st.integers(-3 * 1440, 9 * 1440), st.none() | configured), min_size=1, max_size=30
)


@given(began=st.integers(0, 2880), first=configured, moves=moves)
def test_windows_chain_whatever_the_clock_does(began, first, moves):
    """Forward over many windows, backward, other times: each moment is told of exactly once."""
    start = at(1, 0) + timedelta(minutes=began)
    told: list[Window] = []
    now, times = start, first
    for minutes, other_times in moves:
        now, times = now + timedelta(minutes=minutes), other_times or times
        while window := next_window(
            now, times, newest_end=told[-1].end if told else None, began=start
        ):
            told.append(window)
            assert window.start < window.end <= now
            assert to_local(window.end).time() in times
    assert all(before.end == after.start for before, after in pairwise(told))
    if told:
        assert told[0].start <= start


@given(until=st.integers(0, 60 * 1440), times=configured)
def test_every_moment_lies_in_one_window(until, times):
    windows = windows_ended(at(1, 0), at(1, 0) + timedelta(minutes=until), times)
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert {to_local(window.end).time() for window in windows} <= set(times)
    days = until // 1440
    assert len(windows) in range(days * len(set(times)), (days + 1) * len(set(times)) + 1)


@given(window=st.tuples(st.integers(0, 10_000), st.integers(1, 1440)))
def test_yesterday_is_said_when_the_start_lies_there(window):
    start = at(1, 0) + timedelta(minutes=window[0])
    found = Window(start, start + timedelta(minutes=window[1]))
    is_same_day = to_local(found.start).date() == to_local(found.end).date()
    assert found.begins_the_day_before is not is_same_day


def test_changed_times_leave_no_gap_and_no_overlap():
    newest = at(22, 12)
    window = next_window(at(22, 16, 1), (time(10), time(16)), newest_end=newest, began=None)
    assert window == Window(newest, at(22, 16))
    assert next_window(at(22, 15), (time(10), time(16)), newest_end=newest, began=None) is None


def test_a_long_absence_tells_of_the_last_thirty_days():
    window = next_window(
        at(30, 12, 1), TIMES, newest_end=at(30, 12) - timedelta(days=90), began=None
    )
    assert window is not None
    assert window.end == at(30, 18) - timedelta(days=30)
    assert window.start == at(30, 12) - timedelta(days=30)
