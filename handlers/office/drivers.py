"""货车司机台账: everybody on the rosters, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.export_pages import ExportPage
from handlers.office.lists import (
    Condition,
    FilterFields,
    chips,
    list_arguments,
    read_asked,
    to_list,
)
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.errors import NotFound
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import DistrictScope, Scope
from wxbackend.services.driver_details import DriverTab, show_driver
from wxbackend.services.driver_enterprises import enterprise_name
from wxbackend.services.driver_ledger import (
    NUCLEIC_ACID_CHOICES,
    REMOVED,
    SORTS,
    show_ledger,
)
from wxbackend.services.employee_views import EmployeeNumber, reveal_employee_number
from wxbackend.services.office_frame import place_choices

blueprint = guarded(
    Blueprint("office_drivers", __name__, url_prefix="/office/drivers"),
    office_members(Right.VIEW_DRIVERS),
)

FIELDS = FilterFields(
    "drivers",
    open=("plate", "enterprise_name", "enterprise", "town", "nucleic_acid", "state"),
    private=("name", "id_number", "phone"),
    sorts=SORTS,
)
_TEXTS = ("name", "id_number", "phone", "plate", "enterprise_name")


def conditions(values: Mapping[str, str]) -> list[Condition]:
    """The filter in words; a value that asks for nothing is none."""
    return _conditions(values, _towns())


def _conditions(values: Mapping[str, str], towns: Sequence[tuple[str, str]]) -> list[Condition]:
    words = {name: values[name] for name in _TEXTS}
    if values["enterprise"]:
        words["enterprise"] = enterprise_name(_scope(), values["enterprise"])
    if values["town"]:
        words["town"] = dict(towns).get(values["town"], "")
    if values["nucleic_acid"] in NUCLEIC_ACID_CHOICES:
        words["nucleic_acid"] = word(f"driver.nucleic_acid.{values['nucleic_acid']}")
    if values["state"] == REMOVED:
        words["state"] = word(f"driver.state.{REMOVED}")
    return [
        Condition(word(f"driver.filter.{name}"), text, (name,))
        for name, text in words.items()
        if text
    ]


EXPORT_PAGE = ExportPage("drivers", FIELDS, "office_drivers.index", conditions)


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = member_with(Right.VIEW_DRIVERS)
    asked, towns = read_asked(FIELDS, member), _towns()
    ledger = show_ledger(dependencies(), member.scope, asked.values, asked.page)
    return render_template(
        "office/drivers.html",
        ledger=ledger,
        page=ledger.page,
        values=asked.values,
        kept=list_arguments(FIELDS),
        chips=chips(FIELDS, _conditions(asked.values, towns)),
        towns=towns,
        nucleic_choices=[
            (kind.value, word(f"driver.nucleic_acid.{kind.value}")) for kind in NUCLEIC_ACID_CHOICES
        ],
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_with(Right.VIEW_DRIVERS), "office_drivers.index")


@blueprint.get("/<public_id>")
def passages(public_id: str) -> ResponseReturnValue:
    return _drawer(public_id, DriverTab.PASSAGES)


@blueprint.get("/<public_id>/tests")
def tests(public_id: str) -> ResponseReturnValue:
    return _drawer(public_id, DriverTab.TESTS)


@blueprint.get("/<public_id>/vaccinations")
def vaccinations(public_id: str) -> ResponseReturnValue:
    return _drawer(public_id, DriverTab.VACCINATIONS)


@blueprint.post("/<public_id>/reveal")
def reveal(public_id: str) -> ResponseReturnValue:
    """The whole number in place of the masked one."""
    field = request.form.get("field", "")
    if field not in list(EmployeeNumber):
        raise NotFound
    member = member_with(Right.SEE_CLEAR_NUMBERS)
    number = reveal_employee_number(
        dependencies(), _scope(), public_id, EmployeeNumber(field), actor=actor(member)
    )
    return render_template("office/revealed.html", number=number)


def _drawer(public_id: str, tab: DriverTab) -> str:
    member = member_with(Right.VIEW_DRIVERS)
    asked = read_asked(FIELDS, member)
    detail = show_driver(
        dependencies(),
        member.scope,
        public_id,
        tab,
        values=asked.values,
        order=asked.page,
        actor=actor(member),
    )
    kept_days = dependencies().policy.reservation.kept_for.days
    return render_template(
        "office/driver.html",
        kept=list_arguments(FIELDS),
        detail=detail,
        tab=tab.value,
        public_id=public_id,
        kept_days=kept_days,
    )


def _scope() -> Scope:
    return member_with(Right.VIEW_DRIVERS).scope


def _towns() -> list[tuple[str, str]]:
    """The towns to choose from; nobody but the bureau has several."""
    if not isinstance(_scope(), DistrictScope):
        return []
    return [(str(town_id), name) for town_id, name in place_choices().towns]
