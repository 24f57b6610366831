"""Members for whom more notices wait than they may get: which, and making them one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from models.notifications import Notification
from models.outbox_repeats import may_have_arrived
from wxbackend.domain.notifications import (
    PASSAGE_KINDS,
    Channel,
    NotificationState,
)


def _waits(now: datetime) -> ColumnElement[bool]:
    """A passage's notice for a 粤政易 member that nobody is sending at this moment."""
    return and_(
        Notification.state == NotificationState.QUEUED,
        Notification.channel == Channel.YUEZHENGYI,
        Notification.kind.in_(PASSAGE_KINDS),
        Notification.merged_into_id.is_(None),
        ~may_have_arrived(),  # repeated as it is, so that the platform recognises it
        or_(Notification.leased_until.is_(None), Notification.leased_until <= now),
    )


def find_flooded_addresses(session: Session, *, more_than: int, now: datetime) -> Sequence[bytes]:
    """The address hashes for which more than so many notices wait."""
    query = (
        select(Notification.address_hash)
        .where(_waits(now))
        .group_by(Notification.address_hash)
        .having(func.count() > more_than)
    )
    return session.scalars(query).all()  # type: ignore[return-value]


def list_waiting(session: Session, address_hash: bytes, *, now: datetime) -> Sequence[Notification]:
    """What waits for this address, oldest first, locked; rows that a sender holds are left out."""
    query = (
        select(Notification)
        .where(Notification.address_hash == address_hash, _waits(now))
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query).all()


def merge(session: Session, ids: Sequence[int], into: Notification) -> None:
    session.add(into)
    session.flush()
    session.execute(
        update(Notification).where(Notification.id.in_(ids)).values(merged_into_id=into.id)
    )
