"""预约和通行记录: the office's list of reservations and of what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import reading
from models.enterprises import find_enterprise_name
from models.reservation_conditions import with_enterprises
from models.reservation_lists import ListedReservation, count_by_state, list_matching
from wxbackend.domain.gate import Level, Levels
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.nucleic_acid import NucleicAcidFinding
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.reservation_filter import ReservationFilter
from wxbackend.domain.scope import Scope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.findings import from_json


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """`enterprises`: what the passage recorded; before that, what the roster says now."""

    public_id: str
    state: ReservationState
    plate_number: str
    name: str
    reason: str
    is_corrected: bool
    arrival_at: datetime
    decided_at: datetime | None
    checkpoint: str
    enterprises: tuple[str, ...]
    town: str
    nucleic_acid: NucleicAcidFinding | None  # as the deciding scan showed it
    nucleic_level: Level | None
    passenger_count: int


@dataclass(frozen=True, slots=True)
class ReservationsFound:
    """One page, and how many there are of each state under the same other conditions.

    `counts` is None where there are too many to count each.
    """

    page: Page[ReservationRow]
    counts: Mapping[ReservationState, int] | None
    total: int  # of all states


def find_reservations(
    dependencies: Dependencies, scope: Scope, wanted: ReservationFilter, request: PageRequest
) -> ReservationsFound:
    now, levels = dependencies.clock(), dependencies.policy.gate.levels
    with reading() as session:
        wanted = with_enterprises(session, wanted)
        counts = count_by_state(session, scope, wanted, now=now)
        rows = list_matching(session, scope, wanted, request, now=now)
    page = Page([_row(row, levels) for row in rows], counts.shown, request)
    return ReservationsFound(page, counts.by_state, counts.total)


def enterprise_name(scope: Scope, public_id: str) -> str:
    """The name of the enterprise that a list is narrowed to; nothing outside the scope."""
    if not public_id:
        return ""
    with reading() as session:
        return find_enterprise_name(session, scope, public_id) or ""


def _row(row: ListedReservation, levels: Levels) -> ReservationRow:
    nucleic = _nucleic_acid(row.findings)
    return ReservationRow(
        public_id=row.public_id,
        state=row.state,
        plate_number=row.plate_number,
        name=row.name,
        reason=row.reason,
        is_corrected=row.is_corrected,
        arrival_at=row.arrival_at,
        decided_at=row.decided_at,
        checkpoint=row.checkpoint,
        enterprises=row.enterprises,
        town=row.town,
        nucleic_acid=nucleic,
        nucleic_level=levels[nucleic.kind] if nucleic else None,
        passenger_count=row.passenger_count,
    )


def _nucleic_acid(findings: Any) -> NucleicAcidFinding | None:
    return from_json(findings).people[0].nucleic_acid if findings else None
