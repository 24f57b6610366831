"""Digests: one row a window, whatever happens to schedulers; and the links that recipients got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.base import Base, UtcDateTime, new_public_id
from models.enterprises import AlertRecipient, Audience
from models.listing import in_parts
from models.notifications import Notification
from models.passages import Passage, PassageEnterprise
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.notifications import NotificationKind, NotificationState
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope

_DIGEST_LOCK = 5_204_016  # any number that no other advisory lock of ours has


class Digest(Base):
    __tablename__ = "digest"
    # Windows follow each other, whatever schedulers, restarts and clocks do: no other one of a
    # window can begin or end where it does.
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="window"),
        Index("uq_digest_starts_at", "starts_at", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, unique=True)
    allowed_count: Mapped[int]
    denied_count: Mapped[int]
    recipient_count: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DigestLink(Base):
    """What one recipient's message carries; only the hash of its token is kept.

    It goes with the recipient.
    """

    __tablename__ = "digest_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), index=True)
    recipient_id: Mapped[int] = mapped_column(
        ForeignKey("alert_recipient.id", ondelete="CASCADE"), index=True
    )
    recipient_name: Mapped[str] = mapped_column(String(50))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    digest: Mapped[Digest] = relationship()


@dataclass(frozen=True, slots=True)
class WindowPassage:
    """`matched` are the enterprises whose rosters knew the driver."""

    plate_number: str
    name: str
    phone: str
    matched: Sequence[str]
    typed_enterprise: str
    decided_at: datetime
    reason: str


def newest_digest_end(session: Session) -> datetime | None:
    return session.scalar(select(func.max(Digest.ends_at)))


def lock_newest_digest_end(session: Session) -> datetime | None:
    """As `newest_digest_end`, which no other process moves until this transaction has ended."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.execute(select(func.pg_advisory_xact_lock(_DIGEST_LOCK)))
    return newest_digest_end(session)


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


def withdraw_digests(session: Session, recipient_id: int, *, key: str, now: datetime) -> None:
    """What this recipient was sent opens nothing any more, and what waits for them is not sent.

    `key` names them in the outbox.
    """
    session.execute(delete(DigestLink).where(DigestLink.recipient_id == recipient_id))
    session.execute(
        update(Notification)
        .where(
            Notification.recipient == key,
            Notification.kind == NotificationKind.DIGEST,
            Notification.state == NotificationState.QUEUED,
        )
        .values(state=NotificationState.EXPIRED, settled_at=now, last_answer="recipient_removed")
    )


def list_window_passages(
    session: Session, scope: Scope, *, start: datetime, end: datetime, page: PageRequest
) -> Sequence[WindowPassage]:
    """One page of the window's passages: denied ones first unless sorted by `decided_at`."""
    query = _passages(scope, start=start, end=end)
    if page.sort != "decided_at":
        query = query.order_by(case((Passage.verdict == Verdict.DENIED, 0), else_=1))
    query = query.order_by(Passage.decided_at.desc(), Passage.id.desc())
    return _with_enterprises(session, session.execute(query.limit(page.size).offset(page.offset)))


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
    session: Session, scope: Scope, *, start: datetime, end: datetime
) -> Iterator[WindowPassage]:
    """All of the window's passages, oldest first, a part in memory at a time."""
    query = _passages(scope, start=start, end=end).order_by(Passage.decided_at, Passage.id)
    for part in in_parts(session, query):
        yield from _with_enterprises(session, part)


def _passages(scope: Scope, *, start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    """Columns, not objects: a window may hold tens of thousands."""
    return (
        select(
            Passage.id,
            Reservation.plate_number,
            Reservation.name,
            Reservation.phone,
            Reservation.enterprise_name,
            Passage.decided_at,
            Passage.reason,
        )
        .join(Reservation, Reservation.id == Passage.reservation_id)
        .where(Passage.decided_at >= start, Passage.decided_at < end, visible(scope, Passage))
    )


def _with_enterprises(session: Session, found: Iterable[Any]) -> Sequence[WindowPassage]:
    rows = list(found)
    matched: dict[int, list[str]] = {row.id: [] for row in rows}
    query = (
        select(PassageEnterprise.passage_id, PassageEnterprise.enterprise_name)
        .where(PassageEnterprise.passage_id.in_(list(matched)))
        .order_by(PassageEnterprise.enterprise_id)
    )
    for passage_id, name in session.execute(query):
        matched[passage_id].append(name)
    return [
        WindowPassage(
            plate_number=row.plate_number,
            name=row.name,
            phone=row.phone,
            matched=matched[row.id],
            typed_enterprise=row.enterprise_name,
            decided_at=row.decided_at,
            reason=row.reason,
        )
        for row in rows
    ]
