"""An employee's form: raw texts in, a checked record out, every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wxbackend.domain.form_checks import FormChecks, parse_name, text_up_to
from wxbackend.domain.identity_documents import IdentityDocument
from wxbackend.domain.phones import parse_mobile
from wxbackend.domain.plates import parse_plate

EMPLOYEE_FIELDS = ("name", "id_type", "id_number", "phone", "plate_number", "position")


@dataclass(frozen=True, slots=True)
class EmployeeForm:
    """A form that passed every check; the checks are the import's. Source: product.md section 7."""

    name: str
    document: IdentityDocument
    phone: str
    plate_number: str
    position: str


def parse_employee(raw: Mapping[str, str], *, now: datetime) -> EmployeeForm:
    """Raises: InvalidForm with an error for every wrong field."""
    check = FormChecks(raw)
    form = EmployeeForm(
        name=check.field("name", parse_name),
        document=check.document("id_type", "id_number", on=now),
        phone=check.field("phone", parse_mobile),
        plate_number=check.optional("plate_number", parse_plate) or "",
        position=check.optional("position", text_up_to(20)) or "",
    )
    check.finish()
    return form


@dataclass(frozen=True, slots=True)
class EmployeeSearch:
    """What a list of employees is asked for; everything empty asks for all who are employed.

    `number` is an identity or phone number, whole or its last four; `text` is any of the three.
    """

    name: str = ""
    plate: str = ""
    number: str = ""
    text: str = ""
    enterprise_id: int | None = None
    is_removed: bool = False
