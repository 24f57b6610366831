"""The outbox: one row per thing to tell one recipient by one channel, until it has settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import (
    Base,
    EncryptedJson,
    EncryptedText,
    KeyedHash,
    UtcDateTime,
    enum_column,
    new_public_id,
)
from wxbackend.domain.notifications import (
    Answer,
    Channel,
    NotificationKind,
    NotificationState,
    StepKind,
)


class Notification(Base):
    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event", "recipient", "channel"),
        Index("ix_notification_state_next_try_at", "state", "next_try_at"),
        Index("ix_notification_address_hash_sent_at", "address_hash", "sent_at"),
        Index("ix_notification_provider_reference_provider", "provider_reference", "provider"),
        Index(
            "ix_notification_leased_until",
            "leased_until",
            postgresql_where=text("leased_until IS NOT NULL"),
            sqlite_where=text("leased_until IS NOT NULL"),
        ),
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


def settle_merged(session: Session, notification_id: int, values: Mapping[str, Any]) -> None:
    """What was merged into a notice ends as it does."""
    shared = ("state", "settled_at", "sent_at", "last_answer", "provider")
    session.execute(
        update(Notification)
        .where(Notification.merged_into_id == notification_id)
        .values({name: values[name] for name in shared if name in values})
    )


def count_by_state(session: Session) -> dict[NotificationState, int]:
    query = select(Notification.state, func.count()).group_by(Notification.state)
    return {state: count for state, count in session.execute(query)}


def list_of_passage(session: Session, passage_id: int) -> Sequence[Notification]:
    """What was sent about a passage that the caller reached inside its scope, oldest first."""
    query = (
        select(Notification).where(Notification.passage_id == passage_id).order_by(Notification.id)
    )
    return session.scalars(query).all()


def find_oldest_sent(session: Session, address: str, kind: NotificationKind) -> Notification | None:
    """Of what was sent to this address and not reported on, the one that went out first."""
    query = (
        select(Notification)
        .where(
            Notification.address_hash == address,
            Notification.kind == kind,
            Notification.state == NotificationState.SENT,
        )
        .order_by(Notification.sent_at, Notification.id)
        .limit(1)
    )
    return session.scalar(query)


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
