"""What an enterprise lead sees first: today's reservations and passages of their people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import reading
from models.passages import count_passages, list_passages
from models.reservations import count_reservations
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope
from wxbackend.services.dependencies import Dependencies

_RECENT = 10


@dataclass(frozen=True, slots=True)
class RecentPassage:
    name: str
    plate_number: str
    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str


@dataclass(frozen=True, slots=True)
class LeadDay:
    reservation_count: int
    counts: Mapping[Verdict, int]
    recent: Sequence[RecentPassage]


def lead_day(dependencies: Dependencies, scope: Scope) -> LeadDay:
    start, end = day_bounds(local_day(dependencies.clock()))
    with reading() as session:
        return LeadDay(
            reservation_count=count_reservations(session, scope, created=(start, end)),
            counts=count_passages(session, scope, start=start, end=end),
            recent=[
                RecentPassage(
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
