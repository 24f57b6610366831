"""Digests: one row a window, whatever happens to schedulers; and the links that recipients got."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, case, func, select
from sqlalchemy.orm import (
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from models.base import Base, UtcDateTime, new_public_id
from models.enterprises import AlertRecipient, Audience
from models.notifications import Notification
from models.passages import Passage
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope


class Digest(Base):
    __tablename__ = "digest"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Two schedulers, a restart, a clock that jumps: the second one of a window meets this.
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, unique=True)
    allowed_count: Mapped[int]
    denied_count: Mapped[int]
    recipient_count: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DigestLink(Base):
    """What one recipient's message carries; only the hash of its token is kept."""

    __tablename__ = "digest_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), index=True)
    recipient_name: Mapped[str] = mapped_column(String(50))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    digest: Mapped[Digest] = relationship()


def newest_digest_end(session: Session) -> datetime | None:
    return session.scalar(select(func.max(Digest.ends_at)))


def first_reservation_at(session: Session) -> datetime | None:
    """When the district began to use the product."""
    query = select(Reservation.created_at).order_by(Reservation.created_at).limit(1)
    return session.scalar(query)


def find_digest(session: Session, public_id: str) -> Digest | None:
    return session.scalar(select(Digest).where(Digest.public_id == public_id))


def list_digests(session: Session, *, limit: int) -> Sequence[Digest]:
    return session.scalars(select(Digest).order_by(Digest.ends_at.desc()).limit(limit)).all()


def find_digest_link(session: Session, token_hash: bytes, *, now: datetime) -> DigestLink | None:
    query = (
        select(DigestLink)
        .where(DigestLink.token_hash == token_hash, DigestLink.expires_at > now)
        .options(joinedload(DigestLink.digest))
    )
    return session.scalar(query)


def list_task_force(session: Session) -> Sequence[AlertRecipient]:
    query = (
        select(AlertRecipient)
        .where(AlertRecipient.audience == Audience.TASK_FORCE)
        .order_by(AlertRecipient.id)
    )
    return session.scalars(query).all()


def list_window_passages(
    session: Session, scope: Scope, *, start: datetime, end: datetime, page: PageRequest
) -> Sequence[Passage]:
    """One page of the window's passages: denied ones first unless sorted by `decided_at`."""
    query = _passages(scope, start=start, end=end)
    if page.sort != "decided_at":
        query = query.order_by(case((Passage.verdict == Verdict.DENIED, 0), else_=1))
    query = query.order_by(Passage.decided_at.desc(), Passage.id.desc())
    return session.scalars(query.limit(page.size).offset(page.offset)).all()


def count_digest_letters(
    session: Session, digest_ids: Sequence[int]
) -> dict[int, dict[NotificationState, int]]:
    """How the messages of these digests stand, by digest id."""
    events = {f"digest:{digest_id}": digest_id for digest_id in digest_ids}
    query = (
        select(Notification.event, Notification.state, func.count())
        .where(Notification.event.in_(list(events)))
        .group_by(Notification.event, Notification.state)
    )
    found: dict[int, dict[NotificationState, int]] = {digest_id: {} for digest_id in digest_ids}
    for event, state, count in session.execute(query):
        found[events[event]][state] = count
    return found


def iterate_window_passages(
    session: Session, scope: Scope, *, start: datetime, end: datetime, chunk: int = 500
) -> Iterator[Passage]:
    """All of the window's passages, oldest first, a chunk in memory at a time."""
    after_id, after_at = 0, start
    while True:
        query = (
            _passages(scope, start=start, end=end)
            .where(
                (Passage.decided_at > after_at)
                | ((Passage.decided_at == after_at) & (Passage.id > after_id))
            )
            .order_by(Passage.decided_at, Passage.id)
            .limit(chunk)
        )
        rows = session.scalars(query).all()
        yield from rows
        if len(rows) < chunk:
            return
        after_at, after_id = rows[-1].decided_at, rows[-1].id
        session.expunge_all()


def _passages(scope: Scope, *, start: datetime, end: datetime) -> Select[Passage]:
    return (
        select(Passage)
        .where(Passage.decided_at >= start, Passage.decided_at < end, visible(scope, Passage))
        .options(joinedload(Passage.reservation), selectinload(Passage.enterprises))
    )
