"""Reservations and passages inside a scope, as leads and towns look them up on the phone."""

from __future__ import annotations

from dataclasses import dataclass

from models.database import reading
from models.employees import find_employee
from models.passages import find_passages_of
from models.reservation_search import count_found, search_reservations
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.prepared import prepared_id_of
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.scope import Scope
from wxbackend.services.corrections import CorrectionView, corrections_of
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.reservation_views import ReservationSummary, summary_of


@dataclass(frozen=True, slots=True)
class FoundReservation:
    """`correction`: what the bureau said of the passage last; `is_prepared` by a lead."""

    summary: ReservationSummary
    correction: CorrectionView | None
    is_prepared: bool


def find_reservations(
    dependencies: Dependencies, scope: Scope, search: ReservationSearch, request: PageRequest
) -> Page[FoundReservation]:
    now = dependencies.clock()
    with reading() as session:
        rows = search_reservations(session, scope, search, request)
        passages = find_passages_of(session, scope, [row.id for row in rows])
        said = corrections_of(session, scope, [one.id for one in passages.values()])
        found = [
            FoundReservation(
                summary_of(row, passage, now=now),
                said[passage.id][-1] if passage is not None and passage.id in said else None,
                is_prepared=prepared_id_of(row.submission_key) is not None,
            )
            for row in rows
            for passage in [passages.get(row.id)]
        ]
        return Page(found, count_found(session, scope, search), request)


def find_reservations_of_employee(
    dependencies: Dependencies, scope: Scope, public_id: str, request: PageRequest
) -> Page[FoundReservation]:
    """What the scope holds of this person, as driver. Raises: NotFound."""
    with reading() as session:
        employee = find_employee(session, scope, public_id)
        if employee is None:
            raise NotFound
        id_number = employee.id_number
    search = ReservationSearch(id_number=id_number)
    return find_reservations(dependencies, scope, search, request)


def count_tabs(scope: Scope, text: str) -> tuple[int, int]:
    """How many have passed, and how many have not, of what the text finds."""
    with reading() as session:
        return (
            count_found(session, scope, ReservationSearch(is_passed=True, text=text)),
            count_found(session, scope, ReservationSearch(is_passed=False, text=text)),
        )
