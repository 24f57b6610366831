"""What an enterprise lead sees first: the enterprise, and today's reservations and passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import reading
from models.enterprises import list_enterprises_in
from models.passages import count_passages, list_passages
from models.reservation_search import count_found
from models.reservations import count_reservations
from models.roster_overview import count_employed
from wxbackend.domain.errors import NotFound
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.scope import EnterpriseScope, Scope
from wxbackend.services.dependencies import Dependencies

_RECENT = 10


@dataclass(frozen=True, slots=True)
class OwnEnterprise:
    id: int
    public_id: str
    name: str
    town: str


@dataclass(frozen=True, slots=True)
class ChosenEnterprise:
    """The one enterprise that a lead's page is about, among all of theirs."""

    current: OwnEnterprise
    every: tuple[OwnEnterprise, ...]

    @property
    def scope(self) -> EnterpriseScope:
        return EnterpriseScope(frozenset({self.current.id}))

    @property
    def key(self) -> str | None:
        """What addresses carry; nothing where there is nothing to choose."""
        return self.current.public_id if len(self.every) > 1 else None


@dataclass(frozen=True, slots=True)
class RecentPassage:
    reservation_id: str
    name: str
    plate_number: str
    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str


@dataclass(frozen=True, slots=True)
class LeadDay:
    employee_count: int
    not_passed_count: int
    reservation_count: int
    counts: Mapping[Verdict, int]
    recent: Sequence[RecentPassage]


def choose_enterprise(scope: Scope, public_id: str = "") -> ChosenEnterprise:
    """The lead's enterprise with this id, the first one without an id.

    Raises: NotFound.
    """
    with reading() as session:
        every = tuple(
            OwnEnterprise(row.id, row.public_id, row.name, row.town.name)
            for row in list_enterprises_in(session, scope)
        )
    found = [one for one in every if public_id in {"", one.public_id}]
    if not found:
        raise NotFound
    return ChosenEnterprise(found[0], every)


def lead_day(dependencies: Dependencies, scope: Scope) -> LeadDay:
    start, end = day_bounds(local_day(dependencies.clock()))
    with reading() as session:
        return LeadDay(
            employee_count=count_employed(session, scope),
            not_passed_count=count_found(session, scope, ReservationSearch(is_passed=False)),
            reservation_count=count_reservations(session, scope, created=(start, end)),
            counts=count_passages(session, scope, start=start, end=end),
            recent=[
                RecentPassage(
                    row.reservation.public_id,
                    row.reservation.name,
                    row.reservation.plate_number,
                    row.verdict,
                    row.reason,
                    row.decided_at,
                    row.checkpoint.name,
                )
                for row in list_passages(session, scope, start=start, end=end, limit=_RECENT)
            ],
        )
