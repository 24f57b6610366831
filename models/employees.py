"""Employees on the enterprises' rosters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import (
    ID_NUMBER,
    PHONE,
    Base,
    EncryptedText,
    KeyedHash,
    UtcDateTime,
    enum_column,
    new_public_id,
)
from models.enterprises import Enterprise
from models.scope import visible
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.scope import Scope


class Employee(Base):
    """One person on one enterprise's roster; removing keeps the row, so that history stays."""

    __tablename__ = "employee"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "id_number_hash"),
        Index("ix_employee_id_number_hash", "id_number_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    name: Mapped[str] = mapped_column(String(50), index=True)
    id_type: Mapped[IdType] = mapped_column(enum_column(IdType))
    id_number: Mapped[str] = mapped_column(EncryptedText("employee.id_number"))
    id_number_hash: Mapped[str | bytes] = mapped_column(KeyedHash(ID_NUMBER))
    id_number_tail_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash(ID_NUMBER + ".tail", last=4), index=True
    )
    phone: Mapped[str] = mapped_column(EncryptedText("employee.phone"))
    phone_hash: Mapped[str | bytes] = mapped_column(KeyedHash(PHONE), index=True)
    phone_tail_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash(PHONE + ".tail", last=4), index=True
    )
    plate_number: Mapped[str] = mapped_column(String(10), default="", index=True)
    position: Mapped[str] = mapped_column(String(20), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    enterprise: Mapped[Enterprise] = relationship()


def list_active_enterprises_of_person(session: Session, id_number: str) -> Sequence[Enterprise]:
    """The active enterprises on whose rosters the person stands: the gate's roster match.

    It returns enterprises, not people, and the gate asks it about whoever holds a code.
    """
    query = (
        select(Enterprise)
        .join(Employee)
        .where(
            Employee.id_number_hash == id_number,
            Employee.removed_at.is_(None),
            Enterprise.disabled_at.is_(None),
        )
        .order_by(Enterprise.id)
    )
    return session.scalars(query).all()


def find_on_rosters(
    session: Session, scope: Scope, enterprise_ids: Iterable[int], id_numbers: Iterable[str]
) -> dict[tuple[int, str], Employee]:
    """Rows by (enterprise id, identity number), removed ones included: what an import meets."""
    query = select(Employee).where(
        Employee.enterprise_id.in_(set(enterprise_ids)),
        Employee.id_number_hash.in_(set(id_numbers)),
        visible(scope, Employee),
    )
    return {(row.enterprise_id, row.id_number): row for row in session.scalars(query)}


def add_employees(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put many people on rosters at once; the search columns are filled in here."""
    if rows:
        session.execute(insert(Employee), [{**row, **search_columns(row)} for row in rows])


def search_columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The search columns beside the encrypted ones that `row` has; the table hashes them."""
    columns: dict[str, Any] = {}
    for name in ("id_number", "phone"):
        if name in row:
            columns |= {f"{name}_hash": row[name], f"{name}_tail_hash": row[name]}
    return columns
