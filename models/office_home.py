"""The numbers of the home page: reservations by planned arrival, passages by when they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from models.enterprises import AlertRecipient
from models.passages import Passage, PassageEnterprise
from models.places import Checkpoint, DenialReason, Town
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.reservation import OPEN_STATES, ReservationState, Verdict
from wxbackend.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """A town or checkpoint; `is_told` is false for a town without an alert recipient."""

    id: int
    name: str
    is_active: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class HomePlaces:
    towns: tuple[Place, ...]
    checkpoints: tuple[Place, ...]
    reasons: frozenset[str]


def home_places(session: Session) -> HomePlaces:
    """Towns, checkpoints and denial reasons in the office's order, by one statement."""
    has_recipient = exists().where(AlertRecipient.town_id == Town.id)
    tables = (
        ("town", Town, Town.name, has_recipient),
        ("checkpoint", Checkpoint, Checkpoint.name, true()),
        ("reason", DenialReason, DenialReason.wording, true()),
    )
    parts = [
        select(
            literal(kind).label("kind"),
            table.id.label("id"),
            name.label("name"),
            table.is_active.label("is_active"),
            cast(is_told, Integer).label("is_told"),
            table.position.label("position"),
        )
        for kind, table, name, is_told in tables
    ]
    together = union_all(*parts).subquery()
    found: dict[str, list[Place]] = {kind: [] for kind, *_ in tables}
    for kind, row_id, name, is_active, is_told, _ in session.execute(
        select(together).order_by(together.c.position, together.c.id)
    ):
        found[kind].append(Place(row_id, name, bool(is_active), bool(is_told)))
    return HomePlaces(
        tuple(found["town"]),
        tuple(found["checkpoint"]),
        frozenset(place.name for place in found["reason"]),
    )


@dataclass(frozen=True, slots=True)
class ReservationCount:
    """So many reservations of one kind; those not of today are of the day before."""

    is_today: bool
    state: ReservationState
    is_late: bool  # the planned arrival is over
    town_id: int
    count: int


def count_arrivals(
    session: Session,
    scope: Scope,
    *,
    today: tuple[datetime, datetime],
    yesterday: tuple[datetime, datetime],
    yesterday_by: datetime,
    now: datetime,
) -> list[ReservationCount]:
    """Reservations that plan to arrive today, and those of yesterday that stood `yesterday_by`."""
    arrival = Reservation.arrival_at
    is_today = case((arrival >= today[0], 1), else_=0)
    overdue = and_(Reservation.state.in_(OPEN_STATES), Reservation.expires_at <= now)
    columns = (
        is_today,
        case((overdue, ReservationState.EXPIRED.value), else_=Reservation.state),
        case((arrival <= now, 1), else_=0),
        Reservation.destination_town_id,
    )
    query = (
        select(*columns, func.count())
        .where(
            arrival >= yesterday[0],
            arrival < today[1],
            or_(arrival >= today[0], Reservation.created_at <= yesterday_by),
            visible(scope, Reservation),
        )
        .group_by(*columns)
    )
    return [
        ReservationCount(bool(day), ReservationState(state), bool(late), town_id, count)
        for day, state, late, town_id, count in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class PassageCount:
    """So many passages between edges `bucket` and `bucket`+1; the details of today's alone."""

    bucket: int
    verdict: Verdict
    checkpoint_id: int
    town_id: int
    reason: str
    is_matched: bool
    count: int


def count_passages_between(
    session: Session, scope: Scope, *, edges: Sequence[datetime], detailed_from: datetime
) -> list[PassageCount]:
    """Passages between neighbouring edges; edges rise, and the last is not included."""
    decided_at = Passage.decided_at
    newest_first = [(decided_at >= edge, number) for number, edge in enumerate(edges[:-1])][::-1]
    columns = (
        case(*newest_first, else_=0),
        Passage.verdict,
        *(case((decided_at >= detailed_from, detail), else_=none) for detail, none in _details()),
    )
    inner = (
        select(*(column.label(f"c{number}") for number, column in enumerate(columns)))
        .where(decided_at >= edges[0], decided_at < edges[-1], visible(scope, Passage))
        .subquery()
    )
    query = select(*inner.c, func.count()).group_by(*inner.c)
    return [_passage_count(tuple(row)) for row in session.execute(query)]


def _passage_count(row: tuple[Any, ...]) -> PassageCount:
    bucket, verdict, checkpoint_id, town_id, reason, is_matched, count = row
    return PassageCount(
        bucket, Verdict(verdict), checkpoint_id, town_id, reason, bool(is_matched), count
    )


def _details() -> list[tuple[Any, Any]]:
    """What is told apart for today; by look-ups, so that older passages need no join."""
    town = select(Reservation.destination_town_id).where(Reservation.id == Passage.reservation_id)
    matched = exists().where(PassageEnterprise.passage_id == Passage.id)
    return [
        (Passage.checkpoint_id, 0),
        (town.correlate(Passage).scalar_subquery(), 0),
        (Passage.reason, ""),
        (matched, false()),
    ]
