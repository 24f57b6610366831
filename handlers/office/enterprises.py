"""货车企业管理: the ledger of enterprises, and one of them with its leads and history."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, url_for
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
from wxbackend.domain.roles import Right
from wxbackend.services.enterprise_leads import reveal_lead_phone
from wxbackend.services.enterprise_views import (
    LedgerChoices,
    show_choices,
    show_enterprise,
    show_ledger,
)

FIELDS = FilterFields(
    "enterprises",
    open=("name", "town", "state", "business", "passages"),
    private=("lead", "phone"),
    sorts=("name", "employees", "passages", "updated"),
)

blueprint = guarded(
    Blueprint("office_enterprises", __name__, url_prefix="/office/enterprises"),
    office_members(Right.VIEW_ENTERPRISES),
)

STATES, PASSAGES = ("active", "disabled"), ("yes", "no")


def conditions(values: Mapping[str, str]) -> list[Condition]:
    """The filter in words; a value that asks for nothing is none."""
    return _conditions(values, show_choices(member_with(Right.VIEW_ENTERPRISES).scope))


EXPORT_PAGE = ExportPage("enterprises", FIELDS, "office_enterprises.index", conditions)


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = member_with(Right.VIEW_ENTERPRISES)
    asked = read_asked(FIELDS, member)
    ledger = show_ledger(dependencies(), member.scope, asked.values, asked.page)
    return render_template(
        "office/enterprises/list.html",
        ledger=ledger,
        page=ledger.page,
        place=member.place,
        values=asked.values,
        chips=chips(FIELDS, _conditions(asked.values, ledger.choices)),
        **list_facts(),
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_with(Right.VIEW_ENTERPRISES), "office_enterprises.index")


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    member = member_with(Right.VIEW_ENTERPRISES)
    detail = show_enterprise(dependencies(), member.scope, public_id, actor=actor(member))
    return render_template("office/enterprises/detail.html", one=detail, **list_facts())


@blueprint.post("/<public_id>/leads/<lead_id>/phone")
def reveal(public_id: str, lead_id: str) -> ResponseReturnValue:
    # Whoever may view enterprises may see clear numbers too; the table of rights says both.
    member = member_with(Right.VIEW_ENTERPRISES)
    number = reveal_lead_phone(
        dependencies(), member.scope, public_id, lead_id, actor=actor(member)
    )
    return render_template("office/revealed.html", number=number)


def list_facts() -> dict[str, object]:
    """What a drawer or dialog needs to lead back to the list as it was."""
    kept = list_arguments(FIELDS)
    return {"kept": kept, "list_address": list_address()}


def list_address() -> str:
    return url_for("office_enterprises.index", **list_arguments(FIELDS))  # type: ignore[arg-type]


def _conditions(values: Mapping[str, str], choices: LedgerChoices) -> list[Condition]:
    towns = {str(town_id): name for town_id, name in (*choices.towns, *choices.former_towns)}
    words = dict(values)
    words["town"] = towns.get(values["town"], "")
    for name, known in (("state", STATES), ("passages", PASSAGES)):
        value = values[name]
        words[name] = word(f"enterprise_filter.{name}_{value}") if value in known else ""
    return [
        Condition(word(f"enterprise_filter.{name}"), text, (name,))
        for name, text in words.items()
        if text
    ]
