"""代预约 on the lead's phone: picking an employee, filling in the form, sending the link."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import png
from handlers.context import actor, dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from handlers.lead import ENTERPRISE, chosen_enterprise
from handlers.mobile_lists import SEARCH, fields_of, read_list
from handlers.office.lists import to_list
from handlers.passenger_blocks import with_passenger, without_passenger
from handlers.presentation import word
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.reservation_form import passenger_numbers
from wxbackend.domain.roles import Role
from wxbackend.services import prepared_reservations, reservations
from wxbackend.services.employee_views import EmployeeView, find_employees, show_employee
from wxbackend.services.prepared_reservations import LinkTooSoon
from wxbackend.services.prepared_views import PreparedView

blueprint = guarded(
    Blueprint("lead_prepared", __name__, url_prefix="/e/prepared"), enterprise_leads
)

FIELDS = fields_of("lead_prepared", ENTERPRISE)


@blueprint.get("")
def index() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    asked = read_list(FIELDS, member_of(Role.ENTERPRISE))
    found = prepared_reservations.find_prepared_forms(dependencies(), chosen.scope, asked.page)
    return render_template("lead/prepared.html", chosen=chosen, page=found)


@blueprint.get("/pick")
def pick() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    asked = read_list(FIELDS, member_of(Role.ENTERPRISE))
    text = asked.values[SEARCH]
    found = find_employees(chosen.scope, EmployeeSearch(text=text), asked.page)
    return render_template("lead/prepared_pick.html", chosen=chosen, page=found, text=text)


@blueprint.post("/pick")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.ENTERPRISE), "lead_prepared.pick")


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    employee = _employee()
    values = {
        "plate_number": employee.plate_number,
        "enterprise_name": employee.enterprise_name,
    }
    return _form_page(employee, values, {})


@blueprint.post("/new")
def prepare() -> ResponseReturnValue:
    employee, raw, member = _employee(), request.form.to_dict(), member_of(Role.ENTERPRISE)
    action, _, which = raw.pop("change", "").partition(":")
    if action:
        raw = without_passenger(raw, which) if which else with_passenger(raw)
        return _form_page(employee, raw, {})
    try:
        public_id = prepared_reservations.prepare(
            dependencies(),
            member.scope,
            employee.public_id,
            raw,
            lead_id=member.lead_id or 0,
            actor=actor(member),
        )
    except InvalidForm as wrong:
        return _form_page(employee, raw, wrong.errors), 422
    flash(word("prepared.made"), "ok")
    return redirect(url_for("lead_prepared.show", public_id=public_id), 303)


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    towns, checkpoints = reservations.places()
    return render_template(
        "lead/prepared_form_sent.html",
        one=_show(public_id),
        towns={str(town.id): town.name for town in towns},
        checkpoints={str(point.id): point.name for point in checkpoints},
    )


@blueprint.get("/<public_id>/qr.png")
def qr_code(public_id: str) -> ResponseReturnValue:
    link = _show(public_id).link
    if link is None:
        raise NotFound
    return png(dependencies().gateways.qr.png(link))


@blueprint.post("/<public_id>/sms")
def send(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    try:
        prepared_reservations.send_link(
            dependencies(), member.scope, public_id, actor=actor(member)
        )
        flash(word("prepared.sent"), "ok")
    except LinkTooSoon:
        flash(word("prepared.too_soon"), "info")
    return redirect(url_for("lead_prepared.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/link")
def renew(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    prepared_reservations.renew_link(dependencies(), member.scope, public_id, actor=actor(member))
    return redirect(url_for("lead_prepared.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    prepared_reservations.withdraw(dependencies(), member.scope, public_id, actor=actor(member))
    flash(word("prepared.withdrawn"), "ok")
    return redirect(url_for("lead_prepared.show", public_id=public_id), 303)


def _show(public_id: str) -> PreparedView:
    member = member_of(Role.ENTERPRISE)
    return prepared_reservations.show_prepared(
        dependencies(), member.scope, public_id, actor=actor(member)
    )


def _employee() -> EmployeeView:
    """Whom the form is for; somebody who was removed gets none. Raises: NotFound."""
    member, public_id = member_of(Role.ENTERPRISE), request.args.get("employee", "")[:40]
    employee = show_employee(dependencies(), member.scope, public_id, actor=actor(member))
    if employee.removed_at is not None:
        raise NotFound
    return employee


def _form_page(
    employee: EmployeeView, values: Mapping[str, str], errors: Mapping[str, InvalidValue]
) -> str:
    towns, checkpoints = reservations.places()
    policy = dependencies().policy.reservation
    return render_template(
        "driver/form.html",
        is_lead=True,
        employee=employee,
        values=values,
        errors=errors,
        images={},
        passenger_numbers=passenger_numbers(values),
        most_passengers=policy.most_passengers,
        town_options=[(str(town.id), town.name) for town in towns],
        checkpoint_options=[(str(point.id), point.name) for point in checkpoints],
        days_ahead=policy.bookable_ahead.days,
    )
