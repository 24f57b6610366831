"""Employees on the rosters: adding, editing and removing them, and bringing them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import IntegrityError, Session, transaction
from models.employees import (
    Employee,
    find_on_rosters,
    search_columns,
)
from models.enterprises import find_enterprise
from wxbackend.domain.actors import Actor
from wxbackend.domain.employee_form import EmployeeForm, parse_employee
from wxbackend.domain.errors import Forbidden, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.employee_views import get_employee, version_of_employee

_NUMBERS = ("id_number", "phone")


@dataclass(frozen=True, slots=True)
class AddedEmployee:
    """`is_back`: the person had been removed from this roster before."""

    public_id: str
    is_back: bool


def add_employee(
    dependencies: Dependencies,
    scope: Scope,
    enterprise_public_id: str,
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> AddedEmployee:
    """Put a person on the roster; one who was removed from it is back, with what the form says.

    Raises: InvalidForm (also for a person who stands on it already), NotFound, Forbidden.
    """
    _must_write(scope)
    now = dependencies.clock()
    try:
        with transaction() as session:
            enterprise = find_enterprise(session, scope, enterprise_public_id)
            if enterprise is None:
                raise NotFound
            if enterprise.disabled_at is not None:
                raise InvalidForm({"enterprise": InvalidValue("employee.enterprise_disabled")})
            form = parse_employee(raw, now=now)
            twin = _on_roster(session, scope, enterprise.id, form.document.number)
            if twin is None:
                return _add(session, enterprise.id, form, actor=actor, now=now)
            if twin.removed_at is None:
                raise InvalidForm({"id_number": InvalidValue("employee.taken")})
            _change(session, twin, form, "bring_back_employee", actor=actor, now=now)
            return AddedEmployee(twin.public_id, is_back=True)
    except IntegrityError:  # somebody else was faster
        raise InvalidForm({"id_number": InvalidValue("employee.taken")}) from None


def edit_employee(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    version: str,
    actor: Actor,
) -> None:
    """Write the form; a number left empty stays as it is, so that pages need not show it.

    Raises: InvalidForm (`version` when somebody changed the row meanwhile), NotFound, Forbidden.
    """
    _must_write(scope)
    now = dependencies.clock()
    try:
        with transaction() as session:
            row = get_employee(session, scope, public_id, is_to_change=True)
            if version != version_of_employee(row):
                raise InvalidForm({"version": InvalidValue("employee.changed")})
            kept = {name: getattr(row, name) for name in _NUMBERS if not raw.get(name, "").strip()}
            form = parse_employee({**raw, **kept}, now=now)
            twin = _on_roster(session, scope, row.enterprise_id, form.document.number)
            if twin is not None and twin.id != row.id:
                code = "employee.taken" if twin.removed_at is None else "employee.taken_removed"
                raise InvalidForm({"id_number": InvalidValue(code)})
            _change(session, row, form, "edit_employee", actor=actor, now=now)
    except IntegrityError:
        raise InvalidForm({"id_number": InvalidValue("employee.taken")}) from None


def remove_employee(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> None:
    """Take the person off the roster; the history stays. Twice is once.

    Raises: NotFound, Forbidden.
    """
    _set_removed(dependencies, scope, public_id, actor=actor, is_removed=True)


def bring_back_employee(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> None:
    """Put a removed person on the roster again. Raises: NotFound, Forbidden."""
    _set_removed(dependencies, scope, public_id, actor=actor, is_removed=False)


def _set_removed(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor, is_removed: bool
) -> None:
    _must_write(scope)
    now = dependencies.clock()
    with transaction() as session:
        row = get_employee(session, scope, public_id, is_to_change=True)
        if (row.removed_at is not None) == is_removed:
            return
        row.removed_at = now if is_removed else None
        row.updated_at = _later(row, now)
        record(
            session,
            actor,
            "remove_employee" if is_removed else "bring_back_employee",
            about=("employee", row.id),
            now=now,
            details={"enterprise_id": row.enterprise_id},
            personal={"name": row.name},
        )


def _add(
    session: Session, enterprise_id: int, form: EmployeeForm, *, actor: Actor, now: datetime
) -> AddedEmployee:
    values = _values_of(form)
    row = Employee(
        enterprise_id=enterprise_id,
        created_at=now,
        updated_at=now,
        **values,
        **search_columns(values),
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "add_employee",
        about=("employee", row.id),
        now=now,
        details={"enterprise_id": enterprise_id},
        personal={"after": values},
    )
    return AddedEmployee(row.public_id, is_back=False)


def _change(
    session: Session,
    row: Employee,
    form: EmployeeForm,
    action: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    values = _values_of(form)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed and row.removed_at is None:
        return
    before = {name: getattr(row, name) for name in changed}
    for name, value in {**changed, **search_columns(changed)}.items():
        setattr(row, name, value)
    row.removed_at = None if action == "bring_back_employee" else row.removed_at
    row.updated_at = _later(row, now)
    session.flush()
    record(
        session,
        actor,
        action,
        about=("employee", row.id),
        now=now,
        details={"enterprise_id": row.enterprise_id, "fields": sorted(changed)},
        personal={"before": before, "after": changed},
    )


def _values_of(form: EmployeeForm) -> dict[str, str]:
    return {
        "name": form.name,
        "id_type": form.document.type,
        "id_number": form.document.number,
        "phone": form.phone,
        "plate_number": form.plate_number,
        "position": form.position,
    }


def _must_write(scope: Scope) -> None:
    """Rosters are the bureau's and the leads' to write, whatever page asks."""
    if not isinstance(scope, DistrictScope | EnterpriseScope):
        raise Forbidden


def _on_roster(
    session: Session, scope: Scope, enterprise_id: int, id_number: str
) -> Employee | None:
    found = find_on_rosters(session, scope, [enterprise_id], [id_number])
    return found.get((enterprise_id, id_number))


def _later(row: Employee, now: datetime) -> datetime:
    """A change is never at the moment of the one before: versions differ."""
    return max(now, row.updated_at + timedelta(microseconds=1))
