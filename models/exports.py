"""Exports: who took which rows out, in what form, and the file until it is deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, EncryptedJson, UtcDateTime, new_public_id
from models.enterprises import Lead


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
