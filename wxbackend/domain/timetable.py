"""When a job's turn comes: an interval, or times of the day in the district's time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from wxbackend.domain.moments import DISTRICT_TIME, local_day

# A job that runs so often writes its turns down together, the others one by one.
_FREQUENT = timedelta(minutes=1)
_DAY = timedelta(days=1)
# A turn may begin so late without anybody being told; a frequent job is given longer.
_LATE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Every:
    """Again so long after the last turn began."""

    pause: timedelta

    @property
    def is_frequent(self) -> bool:
        return self.pause <= _FREQUENT


@dataclass(frozen=True, slots=True)
class Daily:
    """At these times of every day, Asia/Shanghai."""

    times: tuple[time, ...]

    @property
    def is_frequent(self) -> bool:
        return False


Trigger = Every | Daily


class RunsOn(StrEnum):
    LEADER = "leader"
    EVERY_PROCESS = "every_process"


class RunOutcome(StrEnum):
    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LastTurn:
    """`due_at` is the daily moment that the last turn was for."""

    started_at: datetime | None
    due_at: datetime | None


def moment_due(trigger: Daily, now: datetime) -> datetime:
    """The newest of its moments that is not after `now`."""
    today = local_day(now)
    return max(one for one in _moments(trigger, today - _DAY, today) if one <= now)


def is_due(trigger: Trigger, last: LastTurn, now: datetime) -> bool:
    """Whether a turn is owed. A last turn in the future is a clock's that was put back since."""
    if isinstance(trigger, Every):
        started = last.started_at
        return started is None or started > now or started + trigger.pause <= now
    if last.due_at is None or last.due_at > now + _DAY:
        return True
    return last.due_at < moment_due(trigger, now)


def next_turn(trigger: Trigger, last: LastTurn, now: datetime) -> datetime:
    """When the next turn is due; a moment that has passed says that one is owed."""
    if isinstance(trigger, Daily):
        if is_due(trigger, last, now):
            return moment_due(trigger, now)
        today = local_day(now)
        return min(one for one in _moments(trigger, today, today + _DAY) if one > now)
    if last.started_at is None or last.started_at > now:
        return now
    return last.started_at + trigger.pause


def is_overdue(trigger: Trigger, last: LastTurn, now: datetime) -> bool:
    """Whether a turn is so late that somebody should know.

    A frequent job says only once a minute that it ran, so that it is allowed two more.
    """
    late = 3 * _LATE if trigger.is_frequent else _LATE
    return next_turn(trigger, last, now) + late < now


def _moments(trigger: Daily, first: date, last: date) -> Iterator[datetime]:
    day = first
    while day <= last:
        for clock in trigger.times:
            yield datetime.combine(day, clock, DISTRICT_TIME).astimezone(UTC)
        day += _DAY
