"""Corrections: what the bureau says about a passage afterwards; the passage itself stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, UtcDateTime, enum_column, new_public_id
from wxbackend.domain.reservation import Verdict


class Correction(Base):
    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("(verdict = 'denied') = (denial_reason <> '')", name="denial_reason"),
        CheckConstraint("explanation <> ''", name="explanation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), index=True)
    request_id: Mapped[str] = mapped_column(String(40), unique=True)  # a second tap meets this
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))  # what it should have been
    denial_reason: Mapped[str] = mapped_column(String(50), default="")
    explanation: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()
