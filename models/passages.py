"""Scans and passages: what the staff saw, and what they decided, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from models.accounts import Account
from models.base import Base, EncryptedJson, UtcDateTime, enum_column, new_public_id
from models.places import Checkpoint
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.gate import ScanMeans, ScanOutcome
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope


class Scan(Base):
    """One opening of a code by staff, with what it showed."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("(outcome = 'unknown') = (pass_code_id IS NULL)", name="known_code"),
        Index("ix_scan_account_id_scanned_at", "account_id", "scanned_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    pass_code_id: Mapped[int | None] = mapped_column(ForeignKey("pass_code.id"), index=True)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    means: Mapped[ScanMeans] = mapped_column(enum_column(ScanMeans))
    outcome: Mapped[ScanOutcome] = mapped_column(enum_column(ScanOutcome))
    unknown_code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    findings: Mapped[Any] = mapped_column(EncryptedJson("scan.findings"), nullable=True)

    reservation: Mapped[Reservation | None] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    account: Mapped[Account] = relationship()


class Passage(Base):
    """The decision at the gate; the constraints make it the only one of its code."""

    __tablename__ = "passage"
    __table_args__ = (
        UniqueConstraint("account_id", "request_id"),
        CheckConstraint("(verdict = 'denied') = (reason <> '')", name="reason"),
        Index("ix_passage_checkpoint_id_decided_at", "checkpoint_id", "decided_at"),
        Index(
            "ix_passage_reason",
            "reason",
            postgresql_where=text("reason <> ''"),
            sqlite_where=text("reason <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    pass_code_id: Mapped[int] = mapped_column(ForeignKey("pass_code.id"), unique=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    request_id: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))
    reason: Mapped[str] = mapped_column(String(50), default="")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))

    reservation: Mapped[Reservation] = relationship()
    account: Mapped[Account] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    scan: Mapped[Scan] = relationship()
    enterprises: Mapped[list[PassageEnterprise]] = relationship(
        order_by="PassageEnterprise.enterprise_id"
    )


class PassageEnterprise(Base):
    """An enterprise whose roster knew the driver when the passage was decided."""

    __tablename__ = "passage_enterprise"

    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprise.id"), primary_key=True, index=True
    )
    enterprise_name: Mapped[str] = mapped_column(String(100))
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"), index=True)


def find_own_scan(
    session: Session, public_id: str, *, account_id: int, since: datetime
) -> Scan | None:
    """A scan of this member of staff, made in the current shift; nobody else's."""
    query = (
        select(Scan)
        .where(
            Scan.public_id == public_id,
            Scan.account_id == account_id,
            Scan.scanned_at >= since,
        )
        .options(
            joinedload(Scan.reservation).selectinload(Reservation.passengers),
            joinedload(Scan.reservation).joinedload(Reservation.checkpoint),
            joinedload(Scan.reservation).joinedload(Reservation.destination_town),
            joinedload(Scan.checkpoint),
        )
    )
    return session.scalar(query)


def count_unknown_codes(session: Session, account_id: int, *, since: datetime) -> int:
    query = select(func.count()).where(
        Scan.account_id == account_id,
        Scan.scanned_at > since,
        Scan.outcome == ScanOutcome.UNKNOWN,
        Scan.means == ScanMeans.SHORT_CODE,
    )
    return session.execute(query).scalar_one()


def find_passage_by_request(
    session: Session, scope: Scope, *, account_id: int, request_id: str
) -> Passage | None:
    query = _with_people().where(
        Passage.account_id == account_id,
        Passage.request_id == request_id,
        visible(scope, Passage),
    )
    return session.scalar(query)


def find_passage_of(session: Session, scope: Scope, reservation_id: int) -> Passage | None:
    query = _with_people().where(Passage.reservation_id == reservation_id, visible(scope, Passage))
    return session.scalar(query)


def find_passages_of(
    session: Session, scope: Scope, reservation_ids: Sequence[int]
) -> dict[int, Passage]:
    """Passages by reservation id."""
    query = _with_people().where(
        Passage.reservation_id.in_(reservation_ids), visible(scope, Passage)
    )
    return {row.reservation_id: row for row in session.scalars(query)}


def list_passages(
    session: Session,
    scope: Scope,
    *,
    start: datetime,
    end: datetime,
    limit: int,
    before_id: int | None = None,
) -> Sequence[Passage]:
    """Passages decided in [start, end), newest first."""
    query = (
        _with_people()
        .where(Passage.decided_at >= start, Passage.decided_at < end, visible(scope, Passage))
        .order_by(Passage.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(Passage.id < before_id)
    return session.scalars(query).all()


def count_passages(
    session: Session, scope: Scope, *, start: datetime, end: datetime
) -> dict[Verdict, int]:
    query = (
        select(Passage.verdict, func.count())
        .where(Passage.decided_at >= start, Passage.decided_at < end, visible(scope, Passage))
        .group_by(Passage.verdict)
    )
    counts = dict.fromkeys(Verdict, 0)
    for verdict, count in session.execute(query):
        counts[verdict] = count
    return counts


def _with_people() -> Select[Passage]:
    return select(Passage).options(
        joinedload(Passage.account),
        joinedload(Passage.checkpoint),
        joinedload(Passage.reservation),
        selectinload(Passage.enterprises),
    )


def list_scans_of(session: Session, reservation_id: int) -> Sequence[Scan]:
    """Every opening of a reservation's code, oldest first; the caller reached it in its scope."""
    query = (
        select(Scan)
        .where(Scan.reservation_id == reservation_id)
        .options(joinedload(Scan.account), joinedload(Scan.checkpoint))
        .order_by(Scan.id)
    )
    return session.scalars(query).all()
