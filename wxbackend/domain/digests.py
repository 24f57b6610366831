"""The digest's windows: from one digest time to the next. Source: product.md section 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from wxbackend.domain.moments import DISTRICT_TIME, local_day, to_local

# A system that was down longer has nothing left to tell: passages are erased by then.
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Window:
    """Start included, end excluded; both UTC."""

    start: datetime
    end: datetime

    @property
    def begins_the_day_before(self) -> bool:
        return local_day(self.start) < local_day(self.end)


def windows_ended(after: datetime, until: datetime, times: Sequence[time]) -> list[Window]:
    """The windows with `after` < end <= `until`, oldest first. `times` are the district's."""
    first_day = local_day(after) - timedelta(days=1)
    days = (local_day(until) - first_day).days
    moments = [
        datetime.combine(first_day + timedelta(days=day), clock, DISTRICT_TIME).astimezone(UTC)
        for day in range(days + 1)
        for clock in sorted(set(times))
    ]
    return [Window(start, end) for start, end in pairwise(moments) if after < end <= until]


def next_window(
    until: datetime,
    times: Sequence[time],
    *,
    newest_end: datetime | None,
    began: datetime | None,
) -> Window | None:
    """The oldest window that has ended by `until` and is not told yet.

    `newest_end` is where the last one told has ended, `began` when the product was first used.
    The next one begins where that one ended, also where the times were changed in between.
    """
    known = newest_end or began
    if known is None:
        return None
    after = max(known, until - LOOK_BACK)
    ended = windows_ended(after, until, times)
    if not ended:
        return None
    return Window(after, ended[0].end) if after == newest_end else ended[0]


def date_facts(moment: datetime) -> dict[str, int]:
    """The numbers of 2022年4月21日18点30分."""
    local = to_local(moment)
    return {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "hour": local.hour,
        "minute": local.minute,
    }
