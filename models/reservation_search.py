"""Reservations as the phones of leads and towns list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from models.listing import begins_with, count_up_to, has_part
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.normalisation import clean_name
from wxbackend.domain.plates import without_separators
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.scope import Scope

_DECIDED = (ReservationState.PASSED, ReservationState.DENIED)


def search_reservations(
    session: Session, scope: Scope, search: ReservationSearch, request: PageRequest
) -> Sequence[Reservation]:
    """One page with places, the newest state first."""
    query = (
        _matching(scope, search)
        .options(joinedload(Reservation.destination_town), joinedload(Reservation.checkpoint))
        .order_by(Reservation.state_changed_at.desc(), Reservation.id.desc())
        .limit(request.size)
        .offset(request.offset)
    )
    return session.scalars(query).all()


def count_found(session: Session, scope: Scope, search: ReservationSearch) -> int:
    """How many the search finds, counted up to the limit of lists."""
    return count_up_to(session, _matching(scope, search))


def _matching(scope: Scope, search: ReservationSearch) -> Select[Any]:
    query = select(Reservation).where(visible(scope, Reservation))
    if search.is_passed is not None:
        passed = Reservation.state == ReservationState.PASSED
        query = query.where(passed if search.is_passed else ~passed)
    if search.is_decided is not None:
        decided = Reservation.state.in_(_DECIDED)
        query = query.where(decided if search.is_decided else ~decided)
    if search.text:
        plate = without_separators(search.text)
        name = begins_with(Reservation.name, clean_name(search.text))
        query = query.where(or_(name, has_part(Reservation.plate_number, plate)))
    if search.id_number:
        query = query.where(Reservation.id_number_hash == search.id_number)
    if search.arriving is not None:
        start, end = search.arriving
        query = query.where(Reservation.arrival_at >= start, Reservation.arrival_at < end)
    return query
