"""The digest's windows: from one digest time to the next. Source: product.md section 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from wxbackend.domain.moments import DISTRICT_TIME, local_day, to_local


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
