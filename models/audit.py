"""The audit log: rows are only ever added, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedJson, UtcDateTime


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    actor_label: Mapped[str] = mapped_column(String(60))  # an account's name; never a driver's
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60), index=True)
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(40))
    succeeded: Mapped[bool]
    source: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(40))
    details: Mapped[Any] = mapped_column(JSON)  # facts without personal data


class AuditPersonalPart(Base):
    """Personal fragments of an entry, apart, so that retention can erase them."""

    __tablename__ = "audit_personal_part"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    content: Mapped[Any] = mapped_column(EncryptedJson("audit.personal"))


def add_entry(session: Session, entry: AuditEntry, personal: dict[str, Any] | None) -> None:
    session.add(entry)
    if personal:
        session.flush()
        session.add(AuditPersonalPart(entry_id=entry.id, content=personal))


def list_entries_about(
    session: Session, about: tuple[str, object], *, actions: Iterable[str], limit: int
) -> list[tuple[AuditEntry, dict[str, Any]]]:
    """What was done to one row, newest first, each with its personal part while that is kept."""
    kind, object_id = about
    query = (
        select(AuditEntry, AuditPersonalPart)
        .outerjoin(AuditPersonalPart, AuditPersonalPart.entry_id == AuditEntry.id)
        .where(
            AuditEntry.object_kind == kind,
            AuditEntry.object_id == str(object_id),
            AuditEntry.action.in_(set(actions)),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [(entry, dict(part.content) if part else {}) for entry, part in session.execute(query)]


def count_actions(session: Session, action: str, *, since: datetime) -> int:
    query = select(func.count()).where(AuditEntry.action == action, AuditEntry.at >= since)
    return session.execute(query).scalar_one()


def was_ever_done(session: Session, action: str) -> bool:
    return (
        session.scalar(select(AuditEntry.id).where(AuditEntry.action == action).limit(1))
        is not None
    )
