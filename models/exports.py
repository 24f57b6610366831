"""Exports: who took which rows out, in what form, and the file until it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.accounts import Account
from models.base import Base, EncryptedJson, UtcDateTime, changed_rows, new_public_id
from models.enterprises import Lead
from models.listing import ordered
from wxbackend.domain.listing import PageRequest


class ExportRun(Base):
    """One export. Clear numbers need a reason; the row outlives the file."""

    __tablename__ = "export_run"
    __table_args__ = (CheckConstraint("NOT is_clear OR reason <> ''", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    is_clear: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    columns: Mapped[Any] = mapped_column(JSON)  # the columns' names, in their order
    conditions: Mapped[Any] = mapped_column(EncryptedJson("export_run.conditions"))
    row_count: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(100))
    stored_as: Mapped[str | None] = mapped_column(String(60))  # None once the file is deleted
    byte_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    download_count: Mapped[int] = mapped_column(default=0)

    account: Mapped[Account | None] = relationship()
    lead: Mapped[Lead | None] = relationship()


@dataclass(frozen=True, slots=True)
class ExportOwner:
    """Whose exports: a lead's, however they signed in, or an account's, in the role it had."""

    account_id: int | None
    lead_id: int | None
    role: str


def add_export_run(session: Session, run: ExportRun) -> ExportRun:
    session.add(run)
    session.flush()
    return run


def list_exports_of(
    session: Session, owner: ExportOwner, request: PageRequest
) -> Sequence[ExportRun]:
    """One page of what this person took out, newest first."""
    query = select(ExportRun).where(_owned(owner))
    return session.scalars(ordered(query, request, columns={}, key=ExportRun.id)).all()


def count_exports_of(session: Session, owner: ExportOwner) -> int:
    query = select(func.count()).select_from(ExportRun).where(_owned(owner))
    return session.execute(query).scalar_one()


def find_export_of(session: Session, owner: ExportOwner, public_id: str) -> ExportRun | None:
    query = select(ExportRun).where(ExportRun.public_id == public_id, _owned(owner))
    return session.scalar(query)


def count_download(session: Session, run_id: int) -> None:
    query = update(ExportRun).where(ExportRun.id == run_id)
    changed_rows(session, query.values(download_count=ExportRun.download_count + 1))


def list_expired_exports(session: Session, *, now: datetime, limit: int) -> list[tuple[int, str]]:
    """(id, file) of exports whose file is over its time and still there."""
    query = (
        select(ExportRun.id, ExportRun.stored_as)
        .where(ExportRun.expires_at <= now, ExportRun.stored_as.is_not(None))
        .order_by(ExportRun.id)
        .limit(limit)
    )
    return [(run_id, stored_as) for run_id, stored_as in session.execute(query) if stored_as]


def forget_file(session: Session, run_id: int) -> None:
    changed_rows(session, update(ExportRun).where(ExportRun.id == run_id).values(stored_as=None))


def _owned(owner: ExportOwner) -> ColumnElement[bool]:
    if owner.lead_id is not None:
        return (ExportRun.lead_id == owner.lead_id) & (ExportRun.role == owner.role)
    return (ExportRun.account_id == owner.account_id) & (ExportRun.role == owner.role)
