"""What leads and the bureau change in the ledger: who stands on a roster, and with which facts."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.drivers import FIELDS
from handlers.office.lists import lead_on, list_arguments
from handlers.office.shell import member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.actors import Actor
from wxbackend.domain.employee_form import EMPLOYEE_FIELDS
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import Scope
from wxbackend.services import employees
from wxbackend.services.driver_enterprises import pick_enterprise, usual_enterprise
from wxbackend.services.employee_views import EmployeeView, show_employee

blueprint = guarded(
    Blueprint("office_driver_changes", __name__, url_prefix="/office/drivers"),
    office_members(Right.MANAGE_EMPLOYEES),
)

_ENTERPRISE = "enterprise_called"  # not the list's own filter `enterprise`
_LONGEST_RAW = 200
Errors = Mapping[str, InvalidValue]


@blueprint.get("/new")
def new_form() -> ResponseReturnValue:
    usual = usual_enterprise(_scope(), request.args.get("enterprise", ""))
    return _form(None, {_ENTERPRISE: usual, "id_type": IdType.RESIDENT_ID.value}, {})


@blueprint.post("/new")
def add() -> ResponseReturnValue:
    raw = _raw()
    try:
        enterprise = pick_enterprise(_scope(), raw[_ENTERPRISE])
        added = employees.add_employee(dependencies(), _scope(), enterprise, raw, actor=_actor())
    except InvalidForm as wrong:
        return _form(None, raw, wrong.errors), 422
    flash(word("employees.back" if added.is_back else "employees.added"), "ok")
    return lead_on(_address("office_drivers.passages", public_id=added.public_id))


@blueprint.get("/<public_id>/edit")
def edit_form(public_id: str) -> ResponseReturnValue:
    one = _show(public_id)
    values = {name: str(getattr(one, name, "")) for name in EMPLOYEE_FIELDS}
    return _form(one, values, {})


@blueprint.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    raw, version = _raw(), request.form.get("version", "")
    try:
        employees.edit_employee(
            dependencies(), _scope(), public_id, raw, version=version, actor=_actor()
        )
    except InvalidForm as wrong:
        return _form(_show(public_id), raw, wrong.errors), 422
    flash(word("employees.saved"), "ok")
    return lead_on(_address("office_drivers.passages", public_id=public_id))


@blueprint.get("/<public_id>/remove")
def remove_form(public_id: str) -> ResponseReturnValue:
    return render_template("office/driver_remove.html", one=_show(public_id), kept=_kept())


@blueprint.post("/<public_id>/remove")
def remove(public_id: str) -> ResponseReturnValue:
    employees.remove_employee(dependencies(), _scope(), public_id, actor=_actor())
    flash(word("employees.removed"), "ok")
    return lead_on(_address("office_drivers.index"))


@blueprint.post("/<public_id>/bring-back")
def bring_back(public_id: str) -> ResponseReturnValue:
    employees.bring_back_employee(dependencies(), _scope(), public_id, actor=_actor())
    flash(word("employees.back"), "ok")
    return lead_on(_address("office_drivers.passages", public_id=public_id))


def _form(one: EmployeeView | None, values: Mapping[str, str], errors: Errors) -> str:
    """`one` is None for a new person. A wrong enterprise is said at the form's own field."""
    shown = {_ENTERPRISE if name == "enterprise" else name: error for name, error in errors.items()}
    return render_template(
        "office/driver_form.html",
        one=one,
        values=values,
        errors=shown,
        kinds=[(kind.value, label("id_type", kind)) for kind in IdType],
        kept=_kept(),
    )


def _raw() -> dict[str, str]:
    names = (*EMPLOYEE_FIELDS, _ENTERPRISE)
    return {name: request.form.get(name, "")[:_LONGEST_RAW] for name in names}


def _show(public_id: str) -> EmployeeView:
    return show_employee(dependencies(), _scope(), public_id, actor=_actor())


def _kept() -> dict[str, str]:
    return list_arguments(FIELDS)


def _address(endpoint: str, **path: str) -> str:
    return url_for(endpoint, **path, **_kept())  # type: ignore[arg-type]


def _scope() -> Scope:
    return member_with(Right.MANAGE_EMPLOYEES).scope


def _actor() -> Actor:
    return actor(member_with(Right.MANAGE_EMPLOYEES))
