"""首页: today at a glance, by hour, checkpoint, town and reason, and the last two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.database import reading
from models.office_home import (
    HomePlaces,
    PassageCount,
    Place,
    ReservationCount,
    count_arrivals,
    count_passages_between,
    home_places,
)
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.reservation import ReservationState, Verdict
from wxbackend.domain.scope import Scope
from wxbackend.services.dependencies import Dependencies

_DAYS = 14
_HOURS = 24
_DAY = timedelta(days=1)
_S = ReservationState


@dataclass(frozen=True, slots=True)
class Tally:
    """Passages of one place or stretch of time."""

    allowed: int
    denied: int

    @property
    def total(self) -> int:
        return self.allowed + self.denied


@dataclass(frozen=True, slots=True)
class Totals:
    """Today's numbers; `…_before` are yesterday's up to the same time of day."""

    reservations: int
    reservations_before: int
    passages: Tally
    passages_before: Tally
    waiting: int
    waiting_late: int
    unmatched: int  # passages of drivers whom no roster knew
    unproved: int
    identity_failed: int


@dataclass(frozen=True, slots=True)
class HourOfToday:
    hour: int
    tally: Tally
    is_over: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class DayBefore:
    day: date
    tally: Tally
    is_today: bool


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    id: int
    name: str
    tally: Tally
    percent: int  # of the busiest checkpoint


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """`reason` is empty for what staff wrote in their own words."""

    reason: str
    count: int
    percent: int  # of the most frequent reason


@dataclass(frozen=True, slots=True)
class TownLine:
    id: int
    name: str
    is_told: bool
    reservations: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Home:
    now: datetime
    today: date
    totals: Totals
    hours: Sequence[HourOfToday]
    days: Sequence[DayBefore]
    checkpoints: Sequence[CheckpointLine]
    reasons: Sequence[ReasonLine]
    towns: Sequence[TownLine]
    untold_towns: Sequence[str]
    stale_after_hours: float  # when the 核酸 register is too old to decide by


def office_home(dependencies: Dependencies, scope: Scope) -> Home:
    now = dependencies.clock()
    today = local_day(now)
    edges = _edges(now, today)
    with reading() as session:
        places = home_places(session)
        arrivals = count_arrivals(
            session,
            scope,
            today=day_bounds(today),
            yesterday=day_bounds(today - _DAY),
            yesterday_by=now - _DAY,
            now=now,
        )
        passages = count_passages_between(
            session, scope, edges=edges, detailed_from=day_bounds(today)[0]
        )
    todays = [row for row in passages if row.bucket >= _DAYS]
    return Home(
        now=now,
        today=today,
        totals=_totals(arrivals, passages, todays),
        hours=_hours(todays, now, today),
        days=_days(passages, today),
        checkpoints=_checkpoints(places.checkpoints, todays),
        reasons=_reasons(places, todays),
        towns=_towns(places.towns, arrivals, todays),
        untold_towns=[town.name for town in places.towns if town.is_active and not town.is_told],
        stale_after_hours=dependencies.policy.gate.register_fresh_for.total_seconds() / 3600,
    )


def _edges(now: datetime, today: date) -> list[datetime]:
    """Thirteen days, the last of them in two parts at this time of day; then today by hours."""
    days = [day_bounds(today - days_ago * _DAY)[0] for days_ago in range(_DAYS - 1, 0, -1)]
    start, _ = day_bounds(today)
    return [*days, now - _DAY, *(start + timedelta(hours=hour) for hour in range(_HOURS + 1))]


def _tally(rows: Iterable[PassageCount]) -> Tally:
    counts: Counter[Verdict] = Counter()
    for row in rows:
        counts[row.verdict] += row.count
    return Tally(counts[Verdict.ALLOWED], counts[Verdict.DENIED])


def _totals(
    arrivals: Sequence[ReservationCount],
    passages: Sequence[PassageCount],
    todays: Sequence[PassageCount],
) -> Totals:
    planned = [row for row in arrivals if row.is_today]
    by_state: Counter[ReservationState] = Counter()
    for row in planned:
        by_state[row.state] += row.count
    return Totals(
        reservations=sum(row.count for row in planned),
        reservations_before=sum(row.count for row in arrivals if not row.is_today),
        passages=_tally(todays),
        passages_before=_tally(row for row in passages if row.bucket == _DAYS - 2),
        waiting=by_state[_S.RESERVED],
        waiting_late=sum(r.count for r in planned if r.state is _S.RESERVED and r.is_late),
        unmatched=sum(row.count for row in todays if not row.is_matched),
        unproved=by_state[_S.PENDING_IDENTITY],
        identity_failed=by_state[_S.IDENTITY_FAILED],
    )


def _hours(todays: Sequence[PassageCount], now: datetime, today: date) -> list[HourOfToday]:
    start, _ = day_bounds(today)
    current = int((now - start).total_seconds() // 3600)
    return [
        HourOfToday(
            hour,
            _tally(row for row in todays if row.bucket == _DAYS + hour),
            is_over=hour < current,
            is_current=hour == current,
        )
        for hour in range(_HOURS)
    ]


def _days(passages: Sequence[PassageCount], today: date) -> list[DayBefore]:
    by_day: dict[int, list[PassageCount]] = {number: [] for number in range(_DAYS)}
    for row in passages:
        # Yesterday is counted in two parts, today by its hours.
        number = row.bucket if row.bucket < _DAYS - 1 else row.bucket - 1
        by_day[min(number, _DAYS - 1)].append(row)
    return [
        DayBefore(today - (_DAYS - 1 - number) * _DAY, _tally(rows), is_today=number == _DAYS - 1)
        for number, rows in by_day.items()
    ]


def _checkpoints(places: Iterable[Place], todays: Sequence[PassageCount]) -> list[CheckpointLine]:
    """The busiest first; one out of use only while it has passages of today."""
    found = [(place, _tally(r for r in todays if r.checkpoint_id == place.id)) for place in places]
    shown = [(place, tally) for place, tally in found if place.is_active or tally.total]
    most = max((tally.total for _, tally in shown), default=0)
    lines = [
        CheckpointLine(place.id, place.name, tally, _percent(tally.total, most))
        for place, tally in shown
    ]
    return sorted(lines, key=lambda line: -line.tally.total)


def _reasons(places: HomePlaces, todays: Sequence[PassageCount]) -> list[ReasonLine]:
    counts: Counter[str] = Counter()
    for row in todays:
        if row.verdict is Verdict.DENIED:
            counts[row.reason if row.reason in places.reasons else ""] += row.count
    most = max(counts.values(), default=0)
    return [
        ReasonLine(reason, count, _percent(count, most)) for reason, count in counts.most_common()
    ]


def _towns(
    places: Sequence[Place],
    arrivals: Sequence[ReservationCount],
    todays: Sequence[PassageCount],
) -> list[TownLine]:
    lines = [
        TownLine(
            place.id,
            place.name,
            place.is_told,
            sum(row.count for row in arrivals if row.is_today and row.town_id == place.id),
            _tally(row for row in todays if row.town_id == place.id),
        )
        for place in places
    ]
    active = {place.id for place in places if place.is_active}
    return [line for line in lines if line.id in active or line.reservations or line.tally.total]


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
