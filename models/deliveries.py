"""What providers report after a send: the row that a receipt moves, and receipts that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, String, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, KeyedHash, UtcDateTime, changed_rows
from models.notifications import Notification, NotificationStep, settle_merged
from wxbackend.domain.notifications import Answer, NotificationState, StepKind, is_unwanted

_S = NotificationState
# A receipt says what became of these; every other state is older or already settled.
_OPEN = (_S.SENT, _S.UNKNOWN)


class DeliveryReceipt(Base):
    """A receipt that came before our own settlement, kept until that is written, or for a day."""

    __tablename__ = "delivery_receipt"
    __table_args__ = (Index("ix_delivery_receipt_provider_reference", "provider", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(100))
    address_hash: Mapped[str | bytes | None] = mapped_column(KeyedHash("notification.address"))
    is_delivered: Mapped[bool]
    code: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Report:
    """One receipt; `address` (or its hash) where a reference stands for several recipients.

    `own_reference` finds a send to which the provider gave no answer, and so no reference.
    """

    provider: str
    reference: str
    address: str | bytes | None
    is_delivered: bool
    code: str
    at: datetime
    own_reference: str = ""


def apply_report(session: Session, report: Report) -> bool:
    """Move what the report is about, once; False when nothing waited for it.

    One conditional UPDATE: of two equal reports, one finds the row still open.
    """
    state = _S.DELIVERED if report.is_delivered else _S.FAILED
    values: dict[str, Any] = {
        "state": state,
        "settled_at": report.at,
        "last_answer": report.code,
    }
    if is_unwanted(report.provider, report.code):
        values["dismissed_at"] = report.at
    query = (
        update(Notification)
        .where(_is_about(report), Notification.state.in_(_OPEN))
        .values(values)
        .returning(Notification.id)
    )
    moved = session.scalars(query).all()
    for notification_id in moved:
        settle_merged(session, notification_id, values)
        session.add(_step(notification_id, report))
    return bool(moved)


def is_known(session: Session, report: Report) -> bool:
    """Whether a settled send has this reference: its receipt is late or repeated, not early."""
    query = select(Notification.id).where(_is_about(report)).limit(1)
    return session.scalar(query) is not None


def keep_report(session: Session, report: Report, *, now: datetime) -> None:
    session.add(
        DeliveryReceipt(
            provider=report.provider,
            reference=report.reference,
            address_hash=report.address,
            is_delivered=report.is_delivered,
            code=report.code,
            at=report.at,
            received_at=now,
        )
    )


def has_kept_reports(session: Session) -> bool:
    return session.scalar(select(DeliveryReceipt.id).limit(1)) is not None


def take_matching_reports(session: Session, *, limit: int) -> Sequence[Report]:
    """Kept reports whose send has settled meanwhile, oldest first; they are kept no longer."""
    query = (
        select(DeliveryReceipt)
        .where(select(Notification.id).where(_is_about_row()).exists())
        .order_by(DeliveryReceipt.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(query).all()
    reports = [
        Report(
            provider=row.provider,
            reference=row.reference,
            address=row.address_hash,
            is_delivered=row.is_delivered,
            code=row.code,
            at=row.at,
        )
        for row in rows
    ]
    for row in rows:
        session.delete(row)
    return reports


def delete_old_reports(session: Session, *, before: datetime) -> int:
    return changed_rows(
        session, delete(DeliveryReceipt).where(DeliveryReceipt.received_at < before)
    )


def _is_about(report: Report) -> ColumnElement[bool]:
    same = Notification.provider_reference == report.reference
    if report.own_reference:
        unanswered = and_(
            Notification.public_id == report.own_reference, Notification.provider_reference == ""
        )
        same = or_(same, unanswered)
    found = and_(same, Notification.provider == report.provider)
    if report.address is None:
        return found
    return and_(found, Notification.address_hash == report.address)


def _is_about_row() -> ColumnElement[bool]:
    return and_(
        Notification.provider_reference == DeliveryReceipt.reference,
        Notification.provider == DeliveryReceipt.provider,
        or_(
            DeliveryReceipt.address_hash.is_(None),
            Notification.address_hash == DeliveryReceipt.address_hash,
        ),
    )


def _step(notification_id: int, report: Report) -> NotificationStep:
    return NotificationStep(
        notification_id=notification_id,
        at=report.at,
        kind=StepKind.RECEIPT,
        answer=Answer.ACCEPTED if report.is_delivered else Answer.PERMANENT,
        provider=report.provider,
        code=report.code,
        reference=report.reference,
    )
