"""The digest's windows and words at the boundaries."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from wxbackend.domain.digests import Window, windows_ended
from wxbackend.domain.moments import DISTRICT_TIME

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
