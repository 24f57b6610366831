"""【员工管理】 on the phone: the roster, and adding, editing and removing who stands on it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from handlers.lead import ENTERPRISE, chosen_enterprise
from handlers.mobile_lists import SEARCH, chosen_number, fields_of, read_list
from handlers.office.lists import to_list
from handlers.presentation import word
from wxbackend.domain.actors import Actor
from wxbackend.domain.employee_form import EMPLOYEE_FIELDS, EmployeeSearch
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import Scope
from wxbackend.services import employee_views, employees
from wxbackend.services.employee_views import EmployeeView
from wxbackend.services.reservation_lookup import find_reservations_of_employee

blueprint = guarded(
    Blueprint("lead_employees", __name__, url_prefix="/e/employees"), enterprise_leads
)

FIELDS = fields_of("lead_employees", ENTERPRISE, "removed")
TRIP_FIELDS = fields_of("lead_trips")


@blueprint.get("")
def index() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    asked = read_list(FIELDS, member_of(Role.ENTERPRISE))
    is_removed = asked.values["removed"] == "yes"
    search = EmployeeSearch(text=asked.values[SEARCH], is_removed=is_removed)
    found = employee_views.find_employees(chosen.scope, search, asked.page)
    return render_template(
        "lead/employees.html",
        chosen=chosen,
        page=found,
        text=search.text,
        is_removed=is_removed,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.ENTERPRISE), "lead_employees.index")


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return _new_page({}, {})


@blueprint.post("/new")
def add() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    try:
        added = employees.add_employee(
            dependencies(),
            chosen.scope,
            chosen.current.public_id,
            request.form.to_dict(),
            actor=_actor(),
        )
    except InvalidForm as wrong:
        return _new_page(_typed(), wrong.errors), 422
    flash(word("employees.back" if added.is_back else "employees.added"), "ok")
    return redirect(url_for("lead_employees.show", public_id=added.public_id), 303)


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    return _detail_page(_show(public_id), {})


@blueprint.post("/<public_id>")
def reveal(public_id: str) -> ResponseReturnValue:
    """显示: the page again, with one number in clear."""
    number = chosen_number(request.form.get("field", ""))
    clear = employee_views.reveal_employee_number(
        dependencies(), _scope(), public_id, number, actor=_actor()
    )
    return _detail_page(_show(public_id), {number.value: clear})


@blueprint.get("/<public_id>/reservations")
def trips(public_id: str) -> ResponseReturnValue:
    """The person's reservations and passages."""
    asked = read_list(TRIP_FIELDS, member_of(Role.ENTERPRISE))
    employee = _show(public_id)
    found = find_reservations_of_employee(dependencies(), _scope(), public_id, asked.page)
    return render_template("lead/trips.html", employee=employee, page=found)


@blueprint.get("/<public_id>/edit")
def edit_form(public_id: str) -> ResponseReturnValue:
    return _edit_page(_show(public_id), {}, {})


@blueprint.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    try:
        employees.edit_employee(
            dependencies(),
            _scope(),
            public_id,
            request.form.to_dict(),
            version=request.form.get("version", ""),
            actor=_actor(),
        )
    except InvalidForm as wrong:
        return _edit_page(_show(public_id), _typed(), wrong.errors), 422
    flash(word("employees.saved"), "ok")
    return redirect(url_for("lead_employees.show", public_id=public_id), 303)


@blueprint.get("/<public_id>/remove")
def confirm_remove(public_id: str) -> ResponseReturnValue:
    return render_template("lead/employee_remove.html", employee=_show(public_id))


@blueprint.post("/<public_id>/remove")
def remove(public_id: str) -> ResponseReturnValue:
    employees.remove_employee(dependencies(), _scope(), public_id, actor=_actor())
    flash(word("employees.removed"), "ok")
    return redirect(url_for("lead_employees.index", e=request.form.get(ENTERPRISE) or None), 303)


@blueprint.post("/<public_id>/bring-back")
def bring_back(public_id: str) -> ResponseReturnValue:
    employees.bring_back_employee(dependencies(), _scope(), public_id, actor=_actor())
    flash(word("employees.back"), "ok")
    return redirect(url_for("lead_employees.show", public_id=public_id), 303)


def _scope() -> Scope:
    return member_of(Role.ENTERPRISE).scope


def _actor() -> Actor:
    return actor(member_of(Role.ENTERPRISE))


def _show(public_id: str) -> EmployeeView:
    return employee_views.show_employee(dependencies(), _scope(), public_id, actor=_actor())


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in EMPLOYEE_FIELDS}


def _detail_page(employee: EmployeeView, clear: Mapping[str, str]) -> str:
    return render_template("lead/employee.html", employee=employee, clear=clear)


def _new_page(typed: Mapping[str, str], errors: Mapping[str, InvalidValue]) -> str:
    return render_template(
        "lead/employee_form.html",
        chosen=chosen_enterprise(),
        employee=None,
        values={"id_type": "resident_id", **typed},
        errors=errors,
    )


def _edit_page(
    employee: EmployeeView, typed: Mapping[str, str], errors: Mapping[str, InvalidValue]
) -> str:
    """Numbers are not filled in: who leaves them empty leaves them as they are."""
    stored = {
        "name": employee.name,
        "id_type": employee.id_type.value,
        "plate_number": employee.plate_number,
        "position": employee.position,
    }
    return render_template(
        "lead/employee_form.html",
        chosen=None,
        employee=employee,
        values={**stored, **typed},
        errors=errors,
    )
