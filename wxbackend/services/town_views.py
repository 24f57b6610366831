"""货车司机 of a town: its enterprises, and what their drivers reserved and passed today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import reading
from models.passages import count_passages
from models.reservation_search import count_found
from models.reservations import count_reservations
from models.roster_overview import (
    EnterpriseAtAGlance,
    count_employed,
    find_enterprise_at_a_glance,
    list_enterprises_at_a_glance,
)
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.scope import Scope
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class EnterpriseLine:
    """`allowed_count`: of its people, today."""

    id: int
    public_id: str
    name: str
    town: str
    employee_count: int
    allowed_count: int


@dataclass(frozen=True, slots=True)
class TownDay:
    enterprise_count: int
    employee_count: int
    arriving_count: int  # reservations planned for today that are not decided
    reservation_count: int
    counts: Mapping[Verdict, int]


def town_day(dependencies: Dependencies, scope: Scope) -> TownDay:
    today = _today(dependencies)
    expected = ReservationSearch(is_decided=False, arriving=today)
    with reading() as session:
        _, enterprises = list_enterprises_at_a_glance(
            session, scope, decided=today, request=PageRequest(size=1)
        )
        return TownDay(
            enterprise_count=enterprises,
            employee_count=count_employed(session, scope),
            arriving_count=count_found(session, scope, expected),
            reservation_count=count_reservations(session, scope, created=today),
            counts=count_passages(session, scope, start=today[0], end=today[1]),
        )


def find_enterprises(
    dependencies: Dependencies, scope: Scope, name_part: str, request: PageRequest
) -> Page[EnterpriseLine]:
    """The scope's active enterprises by name."""
    with reading() as session:
        rows, total = list_enterprises_at_a_glance(
            session, scope, name_part=name_part, decided=_today(dependencies), request=request
        )
        return Page(_lines(rows), total, request)


def show_enterprise(dependencies: Dependencies, scope: Scope, public_id: str) -> EnterpriseLine:
    """Raises: NotFound."""
    today = _today(dependencies)
    with reading() as session:
        row = find_enterprise_at_a_glance(session, scope, public_id, decided=today)
        if row is None:
            raise NotFound
        return _lines([row])[0]


def _today(dependencies: Dependencies) -> tuple[datetime, datetime]:
    return day_bounds(local_day(dependencies.clock()))


def _lines(rows: Sequence[EnterpriseAtAGlance]) -> list[EnterpriseLine]:
    return [
        EnterpriseLine(
            id=row.enterprise.id,
            public_id=row.enterprise.public_id,
            name=row.enterprise.name,
            town=row.enterprise.town.name,
            employee_count=row.employee_count,
            allowed_count=row.allowed_count,
        )
        for row in rows
    ]
