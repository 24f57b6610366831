"""What somebody searched for: names and numbers of people, kept here, never in an address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedJson, UtcDateTime, changed_rows, new_public_id


class SavedFilter(Base):
    __tablename__ = "saved_filter"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    page: Mapped[str] = mapped_column(String(40))
    content: Mapped[Any] = mapped_column(EncryptedJson("saved_filter.content"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def add_saved_filter(session: Session, row: SavedFilter) -> str:
    """Keep the filter; its public id."""
    session.add(row)
    session.flush()
    return row.public_id


def find_saved_filter(
    session: Session,
    public_id: str,
    *,
    page: str,
    account_id: int | None,
    lead_id: int | None,
    now: datetime,
) -> SavedFilter | None:
    """A filter of this page, for the one who made it."""
    query = select(SavedFilter).where(
        SavedFilter.public_id == public_id,
        SavedFilter.page == page,
        SavedFilter.expires_at > now,
        SavedFilter.account_id.is_not_distinct_from(account_id),
        SavedFilter.lead_id.is_not_distinct_from(lead_id),
    )
    return session.scalar(query)


def delete_expired_filters(session: Session, *, now: datetime) -> int:
    return changed_rows(session, delete(SavedFilter).where(SavedFilter.expires_at <= now))
