"""Numbers that the office sets on a page; they stand over those of the configuration files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.accounts import Account
from models.base import Base, UtcDateTime, changed_rows


class OfficeSetting(Base):
    __tablename__ = "office_setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account | None] = relationship()


def list_office_settings(session: Session) -> dict[str, OfficeSetting]:
    query = select(OfficeSetting).options(joinedload(OfficeSetting.account))
    return {row.key: row for row in session.scalars(query)}


def list_office_values(session: Session) -> dict[str, object]:
    """The values alone: what every process asks for every few seconds."""
    rows = session.execute(select(OfficeSetting.key, OfficeSetting.value))
    return {key: value for key, value in rows}


def delete_office_setting(session: Session, key: str) -> bool:
    return changed_rows(session, delete(OfficeSetting).where(OfficeSetting.key == key)) == 1
