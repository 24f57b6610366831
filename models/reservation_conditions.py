"""What a reservation filter means in SQL; every condition finds its own index.

The list is read in the order of its moment, newest first, and stops after one page: that is fast
for what is common. What is rare (a number, a plate, a correction, few enterprises) is looked up
first and sorted afterwards, which a planner does not do by itself when a limit tempts it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, inspect, not_, or_, select, union
from sqlalchemy.orm import Session, aliased

from models.corrections import Correction
from models.employees import Employee
from models.enterprises import Enterprise
from models.listing import begins_with, has_part, is_number
from models.passages import Passage, PassageEnterprise
from models.places import DenialReason
from models.plate_search import has_plate_part
from models.plate_search import is_selective as is_selective_plate
from models.reservations import Passenger, Reservation
from models.scope import there_is, visible
from wxbackend.domain.reservation import OPEN_STATES, ReservationState, Verdict
from wxbackend.domain.reservation_filter import OTHER_REASON, ReservationFilter, TimeBasis
from wxbackend.domain.scope import Scope

Condition = ColumnElement[bool]
_S = ReservationState
_DECIDED = (_S.PASSED, _S.DENIED)
_FEW_ENTERPRISES = 50
_RARE_NAME = 2  # characters of a name's beginning


def matching(session: Session, scope: Scope, wanted: ReservationFilter) -> Select[Any]:
    """The ids of what the filter finds in any state; passages are joined."""
    is_about_passages = wanted.basis is TimeBasis.DECIDED
    query = select(Reservation.id).join(
        Passage, Passage.reservation_id == Reservation.id, isouter=not is_about_passages
    )
    conditions = [visible(scope, Reservation), *_time(wanted), *_places(wanted)]
    conditions += [*_passage(wanted), *_people(session, wanted), *_enterprise(wanted)]
    return query.where(*conditions)


def is_selective(wanted: ReservationFilter) -> bool:
    """Whether a condition by itself leaves few rows."""
    return bool(
        wanted.number
        or wanted.enterprise_ids is not None
        or wanted.is_corrected
        or wanted.reason == OTHER_REASON
        or is_selective_plate(wanted.plate_part)
        or len(wanted.name_prefix) >= _RARE_NAME
    )


def moment(wanted: ReservationFilter) -> Any:
    return {
        TimeBasis.ARRIVAL: Reservation.arrival_at,
        TimeBasis.CREATED: Reservation.created_at,
        TimeBasis.DECIDED: Passage.decided_at,
    }[wanted.basis]


def in_state(state: ReservationState, now: datetime) -> Condition:
    """The state as it is at this moment: what is over is expired before the sweep says so."""
    if state is _S.EXPIRED:
        overdue = and_(Reservation.state.in_(OPEN_STATES), Reservation.expires_at <= now)
        return or_(Reservation.state == state, overdue)
    if state in OPEN_STATES:
        return and_(Reservation.state == state, Reservation.expires_at > now)
    return Reservation.state == state


def state_now(now: datetime) -> Any:
    is_over = in_state(_S.EXPIRED, now)
    return case((is_over, _S.EXPIRED.value), else_=Reservation.state).label("state")


def state_condition(wanted: ReservationFilter, now: datetime) -> list[Condition]:
    return [in_state(wanted.state, now)] if wanted.state else []


def _time(wanted: ReservationFilter) -> list[Condition]:
    column, conditions = moment(wanted), []
    if wanted.start is not None:
        conditions.append(column >= wanted.start)
    if wanted.end is not None:
        conditions.append(column < wanted.end)
    return conditions


def _places(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.town_id is not None:
        conditions.append(Reservation.destination_town_id == wanted.town_id)
    if wanted.checkpoint_id is not None:
        conditions.append(
            or_(
                Passage.checkpoint_id == wanted.checkpoint_id,
                and_(Passage.id.is_(None), Reservation.checkpoint_id == wanted.checkpoint_id),
            )
        )
    return conditions


def _passage(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.reason == OTHER_REASON:
        listed = select(DenialReason.wording)
        conditions += [Passage.verdict == Verdict.DENIED, Passage.reason.not_in(listed)]
        conditions.append(Passage.reason != "")
    elif wanted.reason:
        conditions += [Passage.reason == wanted.reason, Passage.reason != ""]
    if wanted.is_corrected is True:
        conditions.append(Passage.id.in_(select(Correction.passage_id)))
    elif wanted.is_corrected is False:
        conditions.append(~exists().where(Correction.passage_id == Passage.id))
    return conditions


def _people(session: Session, wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.plate_part:
        conditions.append(has_plate_part(session, wanted.plate_part))
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
            and_(Passage.id.is_not(None), there_is(_MATCHES, _RECORDED)),
            and_(Passage.id.is_(None), there_is(_ROSTERS, *_ON_ROSTER)),
        )
        conditions.append(known if wanted.is_matched else not_(known))
    if wanted.enterprise_ids is not None:
        conditions.append(_of_few(wanted.enterprise_ids))
    elif wanted.enterprise or wanted.enterprise_part:
        conditions.append(_of_many(_named(wanted)))
    return conditions


def with_enterprises(session: Session, wanted: ReservationFilter) -> ReservationFilter:
    """The filter with the ids of the enterprises it means, if they are few; asked once a page."""
    if not wanted.enterprise and not wanted.enterprise_part:
        return wanted
    query = select(Enterprise.id).where(*_named(wanted)).limit(_FEW_ENTERPRISES + 1)
    ids = tuple(session.scalars(query))
    return wanted if len(ids) > _FEW_ENTERPRISES else replace(wanted, enterprise_ids=ids)


def _named(wanted: ReservationFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.enterprise:
        conditions.append(Enterprise.public_id == wanted.enterprise)
    if wanted.enterprise_part:
        conditions.append(has_part(Enterprise.name, wanted.enterprise_part))
    return conditions


_MATCHES = (inspect(PassageEnterprise).local_table,)
_ROSTERS = (inspect(Employee).local_table, inspect(Enterprise).local_table)
_RECORDED = PassageEnterprise.passage_id == Passage.id
_ON_ROSTER = (
    Employee.id_number_hash == Reservation.id_number_hash,
    Employee.removed_at.is_(None),
    Enterprise.id == Employee.enterprise_id,
    Enterprise.disabled_at.is_(None),
)


def _of_many(named: list[Condition]) -> Condition:
    """Asked row by row: looking them all up first would cost more than a page of them."""
    chosen = select(Enterprise.id).where(*named)
    return or_(
        and_(
            Passage.id.is_not(None),
            there_is(_MATCHES, _RECORDED, PassageEnterprise.enterprise_id.in_(chosen)),
        ),
        and_(Passage.id.is_(None), there_is(_ROSTERS, *_ON_ROSTER, *named)),
    )


def _of_few(enterprise_ids: tuple[int, ...]) -> Condition:
    """What their rosters know now, and, once decided, what the passage recorded."""
    passage, other = aliased(Passage), aliased(Reservation)
    recorded = (
        select(passage.reservation_id)
        .join(PassageEnterprise, PassageEnterprise.passage_id == passage.id)
        .where(PassageEnterprise.enterprise_id.in_(enterprise_ids))
    )
    live = (
        select(other.id)
        .join(Employee, Employee.id_number_hash == other.id_number_hash)
        .join(Enterprise, Enterprise.id == Employee.enterprise_id)
        .where(
            Employee.enterprise_id.in_(enterprise_ids),
            Employee.removed_at.is_(None),
            Enterprise.disabled_at.is_(None),
            other.state.not_in(_DECIDED),
        )
    )
    return Reservation.id.in_(union(recorded, live))
