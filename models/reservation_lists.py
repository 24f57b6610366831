"""The office's list of reservations: one page of it, and how many there are in each state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from models.corrections import Correction
from models.employees import Employee
from models.enterprises import Enterprise
from models.listing import begins_with, count_up_to, has_part, in_parts, is_number
from models.passages import Passage, PassageEnterprise, Scan
from models.places import Checkpoint, DenialReason, Town
from models.reservations import Passenger, Reservation
from models.scope import visible
from wxbackend.domain.listing import COUNTED_ROWS, PageRequest
from wxbackend.domain.reservation import OPEN_STATES, ReservationState, Verdict
from wxbackend.domain.reservation_filter import OTHER_REASON, ReservationFilter, TimeBasis
from wxbackend.domain.scope import EnterpriseScope, Scope

Condition = ColumnElement[bool]
_S = ReservationState
_DECIDED = (_S.PASSED, _S.DENIED)
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


def list_matching(
    session: Session,
    scope: Scope,
    wanted: ReservationFilter,
    request: PageRequest,
    *,
    now: datetime,
) -> Sequence[ListedReservation]:
    """One page, newest first by the moment that the filter is about.

    The page's ids are found first, by an index; everything else is fetched for those alone.
    """
    order = _order(wanted, request)
    ids = _matching(scope, wanted).where(*_state_condition(wanted, now))
    page = ids.order_by(*order).limit(request.size).offset(request.offset).subquery()
    query = _with_columns(scope, now).join(page, page.c.id == Reservation.id).order_by(*order)
    return [_row(*columns) for columns in session.execute(query)]


def all_matching(
    session: Session,
    scope: Scope,
    wanted: ReservationFilter,
    request: PageRequest,
    *,
    now: datetime,
) -> Iterator[Sequence[ListedReservation]]:
    """Everything that the list holds, in its order, in parts of some hundred."""
    ids = _matching(scope, wanted).where(*_state_condition(wanted, now)).subquery()
    query = _with_columns(scope, now).join(ids, ids.c.id == Reservation.id)
    found = in_parts(session, query.order_by(*_order(wanted, request)))
    return ([_row(*columns) for columns in part] for part in found)


def count_matching(
    session: Session, scope: Scope, wanted: ReservationFilter, *, now: datetime, most: int
) -> int:
    found = _matching(scope, wanted).where(*_state_condition(wanted, now))
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
) -> Mapping[ReservationState, int]:
    """How many of each state the filter finds, whatever state it asks for; each up to `most`+1."""
    parts = []
    for state in ReservationState:
        found = _matching(scope, wanted).where(in_state(state, now))
        limited = found.with_only_columns(literal(1).label("one")).limit(most + 1).subquery()
        counted = select(func.count()).select_from(limited).scalar_subquery()
        parts.append(counted.label(state.value))
    row = session.execute(select(*parts)).one()
    return {state: row[number] for number, state in enumerate(ReservationState)}


def in_state(state: ReservationState, now: datetime) -> Condition:
    """The state as it is at this moment: what is over is expired before the sweep says so."""
    if state is _S.EXPIRED:
        overdue = and_(Reservation.state.in_(OPEN_STATES), Reservation.expires_at <= now)
        return or_(Reservation.state == state, overdue)
    if state in OPEN_STATES:
        return and_(Reservation.state == state, Reservation.expires_at > now)
    return Reservation.state == state


def _state_condition(wanted: ReservationFilter, now: datetime) -> list[Condition]:
    return [in_state(wanted.state, now)] if wanted.state else []


def _matching(scope: Scope, wanted: ReservationFilter) -> Select[Any]:
    """The ids of what the filter finds in any state."""
    is_about_passages = wanted.basis is TimeBasis.DECIDED
    query = select(Reservation.id).join(
        Passage, Passage.reservation_id == Reservation.id, isouter=not is_about_passages
    )
    conditions = [visible(scope, Reservation), *_time(wanted), *_places(wanted)]
    conditions += [*_passage(wanted), *_people(wanted), *_enterprise(wanted)]
    return query.where(*conditions)


def _moment(wanted: ReservationFilter) -> Any:
    return {
        TimeBasis.ARRIVAL: Reservation.arrival_at,
        TimeBasis.CREATED: Reservation.created_at,
        TimeBasis.DECIDED: Passage.decided_at,
    }[wanted.basis]


def _order(wanted: ReservationFilter, request: PageRequest) -> tuple[Any, ...]:
    columns = {"plate": Reservation.plate_number, "arrival": Reservation.arrival_at}
    if wanted.basis is TimeBasis.DECIDED:
        columns["decided"] = Passage.decided_at
    column = columns.get(request.sort)
    if column is None:
        return (_moment(wanted).desc(), Reservation.id.desc())
    if request.is_descending:
        return (column.desc(), Reservation.id.desc())
    return (column.asc(), Reservation.id.asc())


def _time(wanted: ReservationFilter) -> list[Condition]:
    moment, conditions = _moment(wanted), []
    if wanted.start is not None:
        conditions.append(moment >= wanted.start)
    if wanted.end is not None:
        conditions.append(moment < wanted.end)
    return conditions


def _places(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.town_id is not None:
        conditions.append(Reservation.destination_town_id == wanted.town_id)
    if wanted.checkpoint_id is not None:
        actual = func.coalesce(Passage.checkpoint_id, Reservation.checkpoint_id)
        conditions.append(actual == wanted.checkpoint_id)
    return conditions


def _passage(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.reason == OTHER_REASON:
        listed = select(DenialReason.wording)
        conditions += [Passage.verdict == Verdict.DENIED, Passage.reason.not_in(listed)]
    elif wanted.reason:
        conditions.append(Passage.reason == wanted.reason)
    if wanted.is_corrected is True:
        conditions.append(Passage.id.in_(select(Correction.passage_id)))
    elif wanted.is_corrected is False:
        conditions.append(~exists().where(Correction.passage_id == Passage.id))
    return conditions


def _people(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.plate_part:
        either = (Reservation.plate_number, Reservation.trailer_plate)
        conditions.append(or_(*(has_part(column, wanted.plate_part) for column in either)))
    if wanted.name_prefix:
        conditions.append(begins_with(Reservation.name, wanted.name_prefix))
    if wanted.number:
        conditions.append(Reservation.id.in_(_of_number(wanted.number)))
    return conditions


def _of_number(number: str) -> Any:
    """Reservations of the one with this number, as driver or, by the whole number, as passenger.

    A union of lookups, each by its own index, which an OR over two tables would not use.
    """
    other = aliased(Reservation)
    pairs = (
        (other.id_number_hash, other.id_number_tail_hash),
        (other.phone_hash, other.phone_tail_hash),
    )
    lookups: list[Select[Any]] = [
        select(other.id).where(is_number(whole, tail, number)) for whole, tail in pairs
    ]
    as_passenger = select(Passenger.reservation_id).where(Passenger.id_number_hash == number)
    return union(*lookups, as_passenger)


def _enterprise(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.is_matched is not None:
        known = or_(
            and_(Reservation.state.in_(_DECIDED), _recorded()),
            and_(Reservation.state.not_in(_DECIDED), _on_roster()),
        )
        conditions.append(known if wanted.is_matched else not_(known))
    if wanted.enterprise:
        conditions.append(_of_enterprises(Enterprise.public_id == wanted.enterprise))
    if wanted.enterprise_part:
        conditions.append(_of_enterprises(has_part(Enterprise.name, wanted.enterprise_part)))
    return conditions


def _recorded() -> Condition:
    # The passage is joined already; its own alias keeps this subquery from leaning on the join.
    passage = aliased(Passage)
    return exists().where(
        passage.reservation_id == Reservation.id, PassageEnterprise.passage_id == passage.id
    )


def _on_roster() -> Condition:
    return exists().where(
        Employee.id_number_hash == Reservation.id_number_hash,
        Employee.removed_at.is_(None),
        Enterprise.id == Employee.enterprise_id,
        Enterprise.disabled_at.is_(None),
    )


def _of_enterprises(which: Condition) -> Condition:
    """What the enterprises' rosters know now, and, once decided, what the passage recorded."""
    chosen = select(Enterprise.id).where(which)
    passage, other = aliased(Passage), aliased(Reservation)
    recorded = (
        select(passage.reservation_id)
        .join(PassageEnterprise, PassageEnterprise.passage_id == passage.id)
        .where(PassageEnterprise.enterprise_id.in_(chosen))
    )
    live = (
        select(other.id)
        .join(Employee, Employee.id_number_hash == other.id_number_hash)
        .join(Enterprise, Enterprise.id == Employee.enterprise_id)
        .where(
            Employee.enterprise_id.in_(chosen),
            Employee.removed_at.is_(None),
            Enterprise.disabled_at.is_(None),
            other.state.not_in(_DECIDED),
        )
    )
    return Reservation.id.in_(union(recorded, live))


def _with_columns(scope: Scope, now: datetime) -> Select[Any]:
    decided_at_checkpoint = aliased(Checkpoint)
    return (
        select(
            Reservation.id,
            Reservation.public_id,
            case((in_state(_S.EXPIRED, now), _S.EXPIRED.value), else_=Reservation.state).label(
                "state"
            ),
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
