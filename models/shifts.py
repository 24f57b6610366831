"""Shifts at a checkpoint."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, changed_rows


class Shift(Base):
    __tablename__ = "shift"
    __table_args__ = (
        Index(
            "uq_shift_open",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_open_shift(session: Session, account_id: int, *, now: datetime) -> Shift | None:
    query = select(Shift).where(
        Shift.account_id == account_id, Shift.ended_at.is_(None), Shift.ends_at > now
    )
    return session.scalar(query)


def end_shifts(session: Session, account_id: int, *, now: datetime) -> int:
    query = update(Shift).where(Shift.account_id == account_id, Shift.ended_at.is_(None))
    return changed_rows(session, query.values(ended_at=now))
