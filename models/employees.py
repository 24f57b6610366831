"""Employees on the enterprises' rosters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

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
from models.listing import begins_with, count_up_to, has_part, is_number, ordered
from models.scope import visible
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.normalisation import clean_code, clean_name
from wxbackend.domain.plates import without_separators
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


def new_employee(row: Mapping[str, Any]) -> dict[str, Any]:
    """All columns of a new person on a roster, for an insert of many."""
    return {**row, **search_columns(row), "public_id": new_public_id()}


def search_columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The search columns beside the encrypted ones that `row` has; the table hashes them."""
    columns: dict[str, Any] = {}
    for name in ("id_number", "phone"):
        if name in row:
            columns |= {f"{name}_hash": row[name], f"{name}_tail_hash": row[name]}
    return columns


def find_employee(
    session: Session, scope: Scope, public_id: str, *, is_to_change: bool = False
) -> Employee | None:
    """With the enterprise; a row that is to change waits for whoever is changing it."""
    query = (
        select(Employee)
        .where(Employee.public_id == public_id, visible(scope, Employee))
        .options(joinedload(Employee.enterprise).joinedload(Enterprise.town))
    )
    return session.scalar(query.with_for_update(of=Employee) if is_to_change else query)


def list_employees(
    session: Session, scope: Scope, search: EmployeeSearch, request: PageRequest
) -> tuple[Sequence[Employee], int]:
    """One page with the enterprises, newest first unless asked otherwise, and how many there are.

    A disabled enterprise's employees are among them: its history stays visible.
    """
    query = select(Employee).where(visible(scope, Employee), *_conditions(search))
    total = count_up_to(session, query)
    columns = {"name": Employee.name, "plate": Employee.plate_number, "at": Employee.updated_at}
    page: Select[Any] = ordered(query, request, columns=columns, key=Employee.id)
    rows = session.scalars(page.options(joinedload(Employee.enterprise)))
    return rows.all(), total


def count_employees(session: Session, scope: Scope) -> dict[int, int]:
    """How many are employed, by enterprise id; an enterprise without any is left out."""
    query = (
        select(Employee.enterprise_id, func.count())
        .where(visible(scope, Employee), Employee.removed_at.is_(None))
        .group_by(Employee.enterprise_id)
    )
    return {enterprise_id: count for enterprise_id, count in session.execute(query)}


def _conditions(search: EmployeeSearch) -> list[ColumnElement[bool]]:
    removed = Employee.removed_at
    found: list[ColumnElement[bool]] = [
        removed.is_not(None) if search.is_removed else removed.is_(None)
    ]
    if search.enterprise_id is not None:
        found.append(Employee.enterprise_id == search.enterprise_id)
    if search.name:
        found.append(_has_name(search.name))
    if search.plate:
        found.append(_has_plate(search.plate))
    if search.number:
        found.append(_has_number(search.number))
    if search.text:
        found.append(or_(_has_name(search.text), _has_plate(search.text), _has_number(search.text)))
    return found


def _has_name(text: str) -> ColumnElement[bool]:
    return begins_with(Employee.name, clean_name(text))


def _has_plate(text: str) -> ColumnElement[bool]:
    return has_part(Employee.plate_number, without_separators(text))


def _has_number(text: str) -> ColumnElement[bool]:
    number = clean_code(text).replace("-", "")
    return or_(
        is_number(Employee.id_number_hash, Employee.id_number_tail_hash, number),
        is_number(Employee.phone_hash, Employee.phone_tail_hash, number),
    )


def find_own_numbers(session: Session, scope: Scope, id_numbers: Iterable[str]) -> set[str]:
    """Which of these identity numbers stand on a roster inside the scope today."""
    query = select(Employee.id_number).where(
        Employee.id_number_hash.in_(set(id_numbers)),
        Employee.removed_at.is_(None),
        visible(scope, Employee),
    )
    return set(session.scalars(query))
