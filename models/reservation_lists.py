"""The office's list of reservations: one page of it, and how many there are in each state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from models.corrections import Correction
from models.employees import Employee
from models.enterprises import Enterprise
from models.listing import count_up_to, in_parts
from models.passages import Passage, PassageEnterprise, Scan
from models.places import Checkpoint, Town
from models.reservation_conditions import (
    in_state,
    is_selective,
    matching,
    moment,
    state_condition,
    state_now,
)
from models.reservations import Passenger, Reservation
from models.scope import visible
from wxbackend.domain.listing import COUNTED_ROWS, PageRequest
from wxbackend.domain.reservation import ReservationState, Verdict
from wxbackend.domain.reservation_filter import ReservationFilter, TimeBasis
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, Scope

_NAMES_APART = "\n"  # no enterprise's name holds one


@dataclass(frozen=True, slots=True)
class ListedReservation:
    """One row; `findings` is what the deciding scan showed, `enterprises` who knew the driver."""

    id: int
    public_id: str
    state: ReservationState
    plate_number: str
    name: str
    arrival_at: datetime
    created_at: datetime
    town: str
    checkpoint: str  # where it was decided; before that, where it is expected
    passage_id: int | None
    verdict: Verdict | None
    reason: str
    decided_at: datetime | None
    findings: Any
    enterprises: tuple[str, ...]
    passenger_count: int
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class StateCounts:
    """`by_state` is None when there are more than could be counted one by one.

    `total` is of all states, `shown` of the state that was asked for; each up to the limit and one.
    """

    by_state: Mapping[ReservationState, int] | None
    total: int
    shown: int


def list_matching(
    session: Session,
    scope: Scope,
    wanted: ReservationFilter,
    request: PageRequest,
    *,
    now: datetime,
) -> Sequence[ListedReservation]:
    """One page, newest first by the moment that the filter is about.

    The page's ids are found first; everything else is fetched for those alone.
    """
    column, is_descending = _order(wanted, request)
    ids = matching(session, scope, wanted).where(*state_condition(wanted, now))
    found = ids.add_columns(column.label("position"))
    key: Any = Reservation.id
    if is_selective(wanted):
        rare = found.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
        found, column, key = select(rare.c.id, rare.c.position), rare.c.position, rare.c.id
    found = found.order_by(*_directed(column, key, is_descending=is_descending))
    page = found.limit(request.size).offset(request.offset).subquery()
    query = _with_columns(scope, now).join(page, page.c.id == Reservation.id)
    order = _directed(page.c.position, page.c.id, is_descending=is_descending)
    return [_row(*columns) for columns in session.execute(query.order_by(*order))]


def all_matching(
    session: Session,
    scope: Scope,
    wanted: ReservationFilter,
    request: PageRequest,
    *,
    now: datetime,
) -> Iterator[Sequence[ListedReservation]]:
    """Everything that the list holds, in its order, in parts of some hundred."""
    column, is_descending = _order(wanted, request)
    ids = matching(session, scope, wanted).where(*state_condition(wanted, now)).subquery()
    query = _with_columns(scope, now).join(ids, ids.c.id == Reservation.id)
    order = _directed(column, Reservation.id, is_descending=is_descending)
    found = in_parts(session, query.order_by(*order))
    return ([_row(*columns) for columns in part] for part in found)


def count_matching(
    session: Session, scope: Scope, wanted: ReservationFilter, *, now: datetime, most: int
) -> int:
    found = matching(session, scope, wanted).where(*state_condition(wanted, now))
    return count_up_to(session, found, most=most)


def find_typed(
    session: Session, scope: Scope, ids: Iterable[int]
) -> Mapping[int, tuple[str, str, str]]:
    """Identity number, phone and the enterprise as typed, by reservation id."""
    query = select(
        Reservation.id, Reservation.id_number, Reservation.phone, Reservation.enterprise_name
    ).where(Reservation.id.in_(set(ids)), visible(scope, Reservation))
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def count_by_state(
    session: Session,
    scope: Scope,
    wanted: ReservationFilter,
    *,
    now: datetime,
    most: int = COUNTED_ROWS,
) -> StateCounts:
    """How many of each state the filter finds, whatever state it asks for."""
    found = matching(session, scope, wanted)
    if _is_only_about_time(scope, wanted):
        return _count_each(session, found, wanted, now=now, most=most)
    states = found.with_only_columns(state_now(now)).limit(most + 1).subquery()
    query: Any = select(states.c.state, func.count()).group_by(states.c.state)
    if wanted.state is not None:
        asked = _counted(found.where(in_state(wanted.state, now)), most)
        query = union_all(query, select(literal(""), asked))
    rows = {state: count for state, count in session.execute(query)}
    shown = rows.pop("", None)
    total = sum(rows.values())
    if total > most:
        return StateCounts(None, total, total if shown is None else shown)
    by_state = {state: rows.get(state.value, 0) for state in ReservationState}
    return StateCounts(by_state, total, by_state[wanted.state] if wanted.state else total)


def _is_only_about_time(scope: Scope, wanted: ReservationFilter) -> bool:
    """Then an index on state and moment counts each state by itself, up to the limit."""
    plain = ReservationFilter(wanted.basis, wanted.start, wanted.end, wanted.state)
    is_plain = wanted == plain and wanted.basis is not TimeBasis.DECIDED
    return is_plain and isinstance(scope, DistrictScope)


def _count_each(
    session: Session, found: Select[Any], wanted: ReservationFilter, *, now: datetime, most: int
) -> StateCounts:
    parts = [
        _counted(found.where(in_state(state, now)), most).label(state.value)
        for state in ReservationState
    ]
    row = session.execute(select(*parts)).one()
    by_state = {state: row[number] for number, state in enumerate(ReservationState)}
    total = sum(by_state.values())
    return StateCounts(by_state, total, by_state[wanted.state] if wanted.state else total)


def _counted(found: Select[Any], most: int) -> Any:
    limited = found.with_only_columns(literal(1).label("one")).limit(most + 1).subquery()
    return select(func.count()).select_from(limited).scalar_subquery()


def _order(wanted: ReservationFilter, request: PageRequest) -> tuple[Any, bool]:
    """The column to sort by, and whether downwards: the list's own order is newest first."""
    columns = {"plate": Reservation.plate_number, "arrival": Reservation.arrival_at}
    if wanted.basis is TimeBasis.DECIDED:
        columns["decided"] = Passage.decided_at
    column = columns.get(request.sort)
    return (moment(wanted), True) if column is None else (column, request.is_descending)


def _directed(column: Any, key: Any, *, is_descending: bool) -> tuple[Any, Any]:
    return (column.desc(), key.desc()) if is_descending else (column.asc(), key.asc())


def _with_columns(scope: Scope, now: datetime) -> Select[Any]:
    decided_at_checkpoint = aliased(Checkpoint)
    return (
        select(
            Reservation.id,
            Reservation.public_id,
            state_now(now),
            Reservation.plate_number,
            Reservation.name,
            Reservation.arrival_at,
            Reservation.created_at,
            Town.name,
            func.coalesce(decided_at_checkpoint.name, Checkpoint.name),
            Passage.id,
            Passage.verdict,
            Passage.reason,
            Passage.decided_at,
            Scan.findings,
            _names(scope),
            _passenger_count(),
            exists().where(Correction.passage_id == Passage.id),
        )
        .outerjoin(Passage, Passage.reservation_id == Reservation.id)
        .outerjoin(Scan, Scan.id == Passage.scan_id)
        .outerjoin(decided_at_checkpoint, decided_at_checkpoint.id == Passage.checkpoint_id)
        .join(Town, Town.id == Reservation.destination_town_id)
        .join(Checkpoint, Checkpoint.id == Reservation.checkpoint_id)
    )


def _names(scope: Scope) -> Any:
    """The matched enterprises' names: recorded once decided, before that by the live roster.

    A lead learns of their own enterprises only.
    """
    recorded = select(func.aggregate_strings(PassageEnterprise.enterprise_name, _NAMES_APART))
    recorded = recorded.where(PassageEnterprise.passage_id == Passage.id)
    live = select(func.aggregate_strings(Enterprise.name, _NAMES_APART)).where(
        Employee.id_number_hash == Reservation.id_number_hash,
        Employee.removed_at.is_(None),
        Enterprise.id == Employee.enterprise_id,
        Enterprise.disabled_at.is_(None),
    )
    if isinstance(scope, EnterpriseScope):
        recorded = recorded.where(PassageEnterprise.enterprise_id.in_(scope.enterprise_ids))
        live = live.where(Enterprise.id.in_(scope.enterprise_ids))
    return case(
        (
            Passage.id.is_not(None),
            recorded.correlate(Passage).scalar_subquery(),
        ),
        else_=live.correlate(Reservation).scalar_subquery(),
    )


def _passenger_count() -> Any:
    counted = select(func.count()).where(Passenger.reservation_id == Reservation.id)
    return counted.correlate(Reservation).scalar_subquery()


def _row(*columns: Any) -> ListedReservation:
    values = list(columns)
    values[2] = ReservationState(values[2])
    values[11] = values[11] or ""
    values[14] = tuple(sorted((values[14] or "").split(_NAMES_APART))) if values[14] else ()
    return ListedReservation(*values)
