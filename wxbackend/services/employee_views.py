"""Employees as pages show them: masked; each look at one of them is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.database import Session, reading, transaction
from models.employees import Employee, find_employee, list_employees
from wxbackend.domain.actors import Actor
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.errors import NotFound
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


class EmployeeNumber(StrEnum):
    """The numbers that lists mask."""

    ID_NUMBER = "id_number"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class EmployeeView:
    """An employee as lists and the detail page show them; `version` goes with an edit."""

    public_id: str
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    plate_number: str
    position: str
    enterprise_id: int
    enterprise_public_id: str
    enterprise_name: str
    created_at: datetime
    updated_at: datetime
    removed_at: datetime | None
    version: str


def find_employees(
    scope: Scope, search: EmployeeSearch, request: PageRequest
) -> Page[EmployeeView]:
    with reading() as session:
        rows, total = list_employees(session, scope, search, request)
        return Page([view_of_employee(row) for row in rows], total, request)


def show_employee(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> EmployeeView:
    """The detail page's facts; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        row = get_employee(session, scope, public_id)
        record(session, actor, "view_employee", about=("employee", row.id), now=now)
        return view_of_employee(row)


def reveal_employee_number(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    number: EmployeeNumber,
    *,
    actor: Actor,
) -> str:
    """The whole number; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        row = get_employee(session, scope, public_id)
        record(
            session,
            actor,
            "reveal_number",
            about=("employee", row.id),
            now=now,
            details={"field": number.value},
        )
        return row.id_number if number is EmployeeNumber.ID_NUMBER else row.phone


def get_employee(
    session: Session, scope: Scope, public_id: str, *, is_to_change: bool = False
) -> Employee:
    """Raises: NotFound."""
    row = find_employee(session, scope, public_id, is_to_change=is_to_change)
    if row is None:
        raise NotFound
    return row


def version_of_employee(row: Employee) -> str:
    """What an edit must have seen: it differs after every change."""
    return str(round(row.updated_at.timestamp() * 10**6))


def view_of_employee(row: Employee) -> EmployeeView:
    return EmployeeView(
        public_id=row.public_id,
        name=row.name,
        id_type=row.id_type,
        id_number_masked=mask_id_number(row.id_number),
        phone_masked=mask_phone(row.phone),
        plate_number=row.plate_number,
        position=row.position,
        enterprise_id=row.enterprise_id,
        enterprise_public_id=row.enterprise.public_id,
        enterprise_name=row.enterprise.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        removed_at=row.removed_at,
        version=version_of_employee(row),
    )
