"""What the page of notifications asks: lists, counts, steps, and what a person decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import Account
from models.base import changed_rows
from models.channel_holds import ChannelHold
from models.listing import begins_with, has_part, ordered
from models.notifications import Notification, NotificationStep
from models.passages import Passage
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.notification_filter import NotificationFilter
from wxbackend.domain.notifications import (
    NEEDS_A_PERSON,
    NEVER_SENT_AGAIN,
    NotificationState,
)
from wxbackend.domain.scope import Scope

Condition = ColumnElement[bool]
_SORTED_BY = {"created_at": Notification.created_at}


@dataclass(frozen=True, slots=True)
class StateCounts:
    by_state: Mapping[NotificationState, int]
    waiting: int


def waits_for_a_person() -> Condition:
    """Failed or of unknown outcome, not yet settled, and of a kind that is sent again.

    What was merged into another notice ends as that one does.
    """
    return and_(
        Notification.state.in_(sorted(NEEDS_A_PERSON)),
        Notification.kind.not_in(sorted(NEVER_SENT_AGAIN)),
        Notification.dismissed_at.is_(None),
        Notification.merged_into_id.is_(None),
    )


def list_notifications(
    session: Session, scope: Scope, asked: NotificationFilter, page: PageRequest
) -> list[tuple[Notification, str | None]]:
    """One page, newest first, each with the public id of the reservation that it tells of."""
    query = _with_reservation().where(*_conditions(scope, asked), *_state_conditions(asked))
    if not page.sort:
        page = replace(page, sort="created_at", is_descending=True)
    query = ordered(query, page, columns=_SORTED_BY, key=Notification.id)
    return [(row, reservation) for row, reservation in session.execute(query)]


def count_states(session: Session, scope: Scope, asked: NotificationFilter) -> StateCounts:
    """How many there are in each state; the state that is asked for does not restrict them."""
    waiting = func.sum(case((waits_for_a_person(), 1), else_=0))
    query = (
        select(Notification.state, func.count(), waiting)
        .where(*_conditions(scope, asked))
        .group_by(Notification.state)
    )
    rows = session.execute(query).all()
    return StateCounts({row[0]: row[1] for row in rows}, sum(row[2] for row in rows))


def find_notification(
    session: Session, scope: Scope, public_id: str
) -> tuple[Notification, str | None] | None:
    """With the public id of its reservation."""
    query = _with_reservation().where(
        Notification.public_id == public_id, visible(scope, Notification)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def find_notifications(
    session: Session, scope: Scope, public_ids: Collection[str]
) -> Sequence[Notification]:
    query = (
        select(Notification)
        .where(Notification.public_id.in_(set(public_ids)), visible(scope, Notification))
        .order_by(Notification.id)
    )
    return session.scalars(query).all()


def list_steps(
    session: Session, scope: Scope, notification_id: int
) -> list[tuple[NotificationStep, str | None]]:
    """Oldest first, with the name of the account that decided."""
    query = (
        select(NotificationStep, Account.display_name)
        .join(Notification, Notification.id == NotificationStep.notification_id)
        .outerjoin(Account, Account.id == NotificationStep.account_id)
        .where(Notification.id == notification_id, visible(scope, Notification))
        .order_by(NotificationStep.id)
    )
    return [(step, who) for step, who in session.execute(query)]


def list_holds_and_waiting(session: Session, scope: Scope) -> list[tuple[ChannelHold, int]]:
    """Each held channel, with how many notifications wait for it."""
    waiting = (
        select(func.count())
        .select_from(Notification)
        .where(
            Notification.channel == ChannelHold.channel,
            Notification.state == NotificationState.QUEUED,
            Notification.merged_into_id.is_(None),
            visible(scope, Notification),
        )
        .correlate(ChannelHold)
        .scalar_subquery()
    )
    query = select(ChannelHold, waiting).order_by(ChannelHold.channel)
    return [(hold, count) for hold, count in session.execute(query)]


def move_notification(
    session: Session,
    notification_id: int,
    *,
    state: NotificationState,
    values: Mapping[str, Any],
) -> bool:
    """Change it if it still stands in `state` and nobody has settled it; False when it moved on.

    One UPDATE: of two people who decide at once, one wins.
    """
    query = (
        update(Notification)
        .where(Notification.id == notification_id, Notification.state == state)
        .values(**values)
    )
    return changed_rows(session, query) == 1


def dismiss_notification(
    session: Session, notification_id: int, *, state: NotificationState, now: datetime
) -> bool:
    query = (
        update(Notification)
        .where(
            Notification.id == notification_id,
            Notification.state == state,
            Notification.dismissed_at.is_(None),
        )
        .values(dismissed_at=now)
    )
    return changed_rows(session, query) == 1


def _with_reservation() -> Select[Any]:
    of = func.coalesce(Notification.reservation_id, Passage.reservation_id)
    wanted: tuple[Any, ...] = (Notification, Reservation.public_id)
    return (
        select(*wanted)
        .outerjoin(Passage, Passage.id == Notification.passage_id)
        .outerjoin(Reservation, Reservation.id == of)
    )


def _conditions(scope: Scope, asked: NotificationFilter) -> list[Condition]:
    found: list[Condition] = [
        visible(scope, Notification),
        Notification.created_at >= asked.start,
        Notification.created_at < asked.end,
    ]
    if asked.channel:
        found.append(Notification.channel == asked.channel)
    if asked.kind:
        found.append(Notification.kind == asked.kind)
    if asked.unit:
        found.append(has_part(Notification.recipient_unit, asked.unit))
    if asked.name:
        found.append(begins_with(Notification.recipient_name, asked.name))
    if asked.phone:
        found.append(Notification.address_hash == asked.phone)
    if asked.plate:
        found.append(_of_plate(asked.plate))
    return found


def _state_conditions(asked: NotificationFilter) -> list[Condition]:
    if asked.is_waiting:
        return [waits_for_a_person()]
    return [Notification.state == asked.state] if asked.state else []


def _of_plate(part: str) -> Condition:
    trucks = select(Reservation.id).where(has_part(Reservation.plate_number, part))
    passages = select(Passage.id).where(Passage.reservation_id.in_(trucks))
    return or_(Notification.reservation_id.in_(trucks), Notification.passage_id.in_(passages))
