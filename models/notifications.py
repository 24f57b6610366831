"""The outbox: one row per thing to tell one recipient by one channel, until it has settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    case,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import (
    Base,
    EncryptedJson,
    EncryptedText,
    KeyedHash,
    UtcDateTime,
    changed_rows,
    enum_column,
    new_public_id,
)
from wxbackend.domain.notifications import (
    REPEATABLE_CHANNELS,
    Answer,
    Channel,
    NotificationKind,
    NotificationState,
    StepKind,
)

_S = NotificationState


class Notification(Base):
    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event", "recipient", "channel"),
        Index("ix_notification_state_next_try_at", "state", "next_try_at"),
        Index("ix_notification_address_hash_sent_at", "address_hash", "sent_at"),
        Index("ix_notification_provider_reference_provider", "provider_reference", "provider"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    event: Mapped[str] = mapped_column(String(80))  # passage:17, passage:17:enterprise:3
    # lead:5, member:<keyed hash>, driver:9, alert_recipient:<public id>
    recipient: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    # Whom the page of notifications names: a lead or recipient, and the enterprise, town or office.
    recipient_name: Mapped[str] = mapped_column(String(50), default="")
    recipient_unit: Mapped[str] = mapped_column(String(100), default="")
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id"), index=True)
    # Only what tells of a reservation without a passage names it here.
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), index=True)
    kind: Mapped[NotificationKind] = mapped_column(enum_column(NotificationKind))
    address: Mapped[str] = mapped_column(EncryptedText("notification.address"))
    address_hash: Mapped[str | bytes] = mapped_column(KeyedHash("notification.address"))
    # {"text": …} as it will arrive, or {"fields": {…}, "url": …} for a WeChat template.
    content: Mapped[Any] = mapped_column(EncryptedJson("notification.content"))
    state: Mapped[NotificationState] = mapped_column(enum_column(NotificationState))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str | None] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(40), default="")
    provider_reference: Mapped[str] = mapped_column(String(100), default="")
    last_answer: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # One of many notices that waited for one member: this one is told instead, and shares its end.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"), index=True)
    # A person has said that nothing more is to be done about a failure.
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NotificationStep(Base):
    """What happened to a notification: each try, the receipt, and each decision of a person."""

    __tablename__ = "notification_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(
        ForeignKey("notification.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[StepKind] = mapped_column(enum_column(StepKind))
    answer: Mapped[Answer | None] = mapped_column(enum_column(Answer))
    provider: Mapped[str] = mapped_column(String(40), default="")
    code: Mapped[str] = mapped_column(String(200), default="")
    reference: Mapped[str] = mapped_column(String(100), default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


def add_step(session: Session, step: NotificationStep) -> None:
    session.add(step)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = (Notification.leased_until.is_(None)) | (Notification.leased_until <= now)
    alone = Notification.merged_into_id.is_(None)
    return and_(Notification.state == _S.QUEUED, Notification.next_try_at <= now, free, alone)


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether there is anything to claim: asked first, so that an idle sender writes nothing."""
    return session.scalar(select(Notification.id).where(_is_due(now)).limit(1)) is not None


def claim_due(
    session: Session,
    *,
    holder: str,
    now: datetime,
    leased_until: datetime,
    limit: int,
) -> Sequence[Notification]:
    """Lease the notifications whose turn has come to this process, oldest first.

    They stay `queued`: a process that dies before `begin_sending` has sent nothing, and the lease
    runs out by itself.
    """
    query = (
        select(Notification)
        .where(_is_due(now))
        .order_by(Notification.next_try_at, Notification.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.leased_until = leased_until
        row.lease_holder = holder
    return rows


def begin_sending(
    session: Session, notification_id: int, *, holder: str, now: datetime, leased_until: datetime
) -> bool:
    """Mark that the provider is about to be called; False when the lease is no longer ours."""
    query = (
        update(Notification)
        .where(
            Notification.id == notification_id,
            Notification.state == _S.QUEUED,
            Notification.lease_holder == holder,
            Notification.leased_until > now,
        )
        .values(state=_S.SENDING, attempts=Notification.attempts + 1, leased_until=leased_until)
    )
    return changed_rows(session, query) == 1


def settle_sending(
    session: Session, notification_id: int, *, holder: str, values: dict[str, Any]
) -> bool:
    """Write what came of the call; False when a sweep has given the row away meanwhile."""
    query = (
        update(Notification)
        .where(
            Notification.id == notification_id,
            Notification.state == _S.SENDING,
            Notification.lease_holder == holder,
        )
        .values(leased_until=None, lease_holder=None, **values)
    )
    if changed_rows(session, query) != 1:
        return False
    if values["state"] is not _S.QUEUED:
        settle_merged(session, notification_id, values)
    return True


def settle_merged(session: Session, notification_id: int, values: dict[str, Any]) -> None:
    """What was merged into a notice ends as it does."""
    session.execute(
        update(Notification)
        .where(Notification.merged_into_id == notification_id)
        .values(
            {
                name: values[name]
                for name in ("state", "settled_at", "sent_at", "last_answer", "provider")
                if name in values
            }
        )
    )


def sweep_dead_senders(session: Session, *, now: datetime) -> int:
    """Heal what a dead process left in `sending`: its call may or may not have gone out.

    Where the provider recognises a repeated request it is queued again; elsewhere it is `unknown`
    for a person to decide.
    """
    query = (
        update(Notification)
        .where(Notification.state == _S.SENDING, Notification.leased_until <= now)
        .values(
            state=case(
                (Notification.channel.in_(REPEATABLE_CHANNELS), _S.QUEUED.value),
                else_=_S.UNKNOWN.value,
            ),
            settled_at=case((Notification.channel.in_(REPEATABLE_CHANNELS), None), else_=now),
            next_try_at=now,
            leased_until=None,
            lease_holder=None,
            last_answer="process_died",
        )
        .returning(Notification.id)
    )
    healed = session.scalars(query).all()
    session.add_all(
        NotificationStep(
            notification_id=notification_id,
            at=now,
            kind=StepKind.TRIED,
            answer=Answer.UNKNOWN,
            code="process_died",
        )
        for notification_id in healed
    )
    return len(healed)


def expire_overdue(session: Session, *, now: datetime) -> int:
    query = (
        update(Notification)
        .where(
            Notification.state == _S.QUEUED,
            Notification.not_after <= now,
            # One that was merged ends with the notice that is told instead.
            Notification.merged_into_id.is_(None),
        )
        .values(state=_S.EXPIRED, settled_at=now, leased_until=None, lease_holder=None)
    )
    return changed_rows(session, query)


def count_recently_sent(
    session: Session, addresses: Iterable[str], *, since: datetime
) -> dict[str, int]:
    """How many messages each address was sent (or may have been) since then."""
    wanted = list(set(addresses))
    query = select(Notification.address, Notification.id).where(
        Notification.address_hash.in_(wanted),
        Notification.sent_at > since,
    )
    counts = dict.fromkeys(wanted, 0)
    for address, _ in session.execute(query):
        counts[address] += 1
    return counts


def count_by_state(session: Session) -> dict[NotificationState, int]:
    query = select(Notification.state, func.count()).group_by(Notification.state)
    return {state: count for state, count in session.execute(query)}


def list_of_passage(session: Session, passage_id: int) -> Sequence[Notification]:
    """What was sent about a passage that the caller reached inside its scope, oldest first."""
    query = (
        select(Notification).where(Notification.passage_id == passage_id).order_by(Notification.id)
    )
    return session.scalars(query).all()


def find_newest_to(session: Session, address: str, *, events: str) -> Notification | None:
    """The newest notification to this address whose event begins with `events`."""
    query = (
        select(Notification)
        .where(
            Notification.address_hash == address,
            Notification.event.startswith(events, autoescape=True),
        )
        .order_by(Notification.id.desc())
        .limit(1)
    )
    return session.scalar(query)
