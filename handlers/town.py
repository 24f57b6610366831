"""The town's port on the phone: 【货车司机】, its enterprises and their drivers. Views only."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded, town_users
from handlers.mobile_lists import SEARCH, chosen_number, fields_of, read_list
from handlers.office.lists import to_list
from wxbackend.domain.employee_form import EmployeeSearch
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.roles import Role
from wxbackend.services import employee_views, reservation_lookup, town_views

blueprint = guarded(Blueprint("town", __name__, url_prefix="/t"), town_users)

FIELDS = fields_of("town_drivers")
_FOUND_DRIVERS = PageRequest(size=50)


@blueprint.get("")
def home() -> ResponseReturnValue:
    member = member_of(Role.TOWN)
    return render_template(
        "town/home.html", member=member, today=town_views.town_day(dependencies(), member.scope)
    )


@blueprint.get("/drivers")
def drivers() -> ResponseReturnValue:
    """Enterprises; for a search, the drivers that it finds as well."""
    member = member_of(Role.TOWN)
    asked = read_list(FIELDS, member)
    text = asked.values[SEARCH]
    people = None
    if text:
        search = EmployeeSearch(text=text)
        people = employee_views.find_employees(member.scope, search, _FOUND_DRIVERS)
    return render_template(
        "town/drivers.html",
        member=member,
        page=town_views.find_enterprises(dependencies(), member.scope, text, asked.page),
        people=people,
        text=text,
    )


@blueprint.post("/drivers")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.TOWN), "town.drivers")


@blueprint.get("/enterprises/<public_id>")
def enterprise(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.TOWN)
    found = town_views.show_enterprise(dependencies(), member.scope, public_id)
    asked = read_list(FIELDS, member)
    people = EmployeeSearch(text=asked.values[SEARCH], enterprise_id=found.id)
    return render_template(
        "town/enterprise.html",
        enterprise=found,
        page=employee_views.find_employees(member.scope, people, asked.page),
        text=people.text,
    )


@blueprint.post("/enterprises/<public_id>")
def search_enterprise(public_id: str) -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.TOWN), "town.enterprise", public_id=public_id)


@blueprint.get("/drivers/<public_id>")
def driver(public_id: str) -> ResponseReturnValue:
    return _driver_page(public_id, {})


@blueprint.post("/drivers/<public_id>")
def reveal(public_id: str) -> ResponseReturnValue:
    """显示: the page again, with one number in clear."""
    member = member_of(Role.TOWN)
    number = chosen_number(request.form.get("field", ""))
    clear = employee_views.reveal_employee_number(
        dependencies(), member.scope, public_id, number, actor=actor(member)
    )
    return _driver_page(public_id, {number.value: clear})


def _driver_page(public_id: str, clear: Mapping[str, str]) -> str:
    member = member_of(Role.TOWN)
    asked = read_list(FIELDS, member)
    return render_template(
        "town/driver.html",
        employee=employee_views.show_employee(
            dependencies(), member.scope, public_id, actor=actor(member)
        ),
        page=reservation_lookup.find_reservations_of_employee(
            dependencies(), member.scope, public_id, asked.page
        ),
        clear=clear,
    )
