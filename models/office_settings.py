"""Numbers that the office sets on a page; they stand over those of the configuration files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime


class OfficeSetting(Base):
    __tablename__ = "office_setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def list_office_settings(session: Session) -> dict[str, OfficeSetting]:
    return {row.key: row for row in session.scalars(select(OfficeSetting))}
