"""预约和通行记录: every reservation and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import jpeg
from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.export_pages import ExportPage
from handlers.office.lists import read_asked, to_list
from handlers.office.reservation_filters import FIELDS, conditions, shown_chips
from handlers.office.shell import member_with, office_members
from wxbackend.domain.moments import local_day
from wxbackend.domain.reservation_filter import parse_filter, with_usual_days
from wxbackend.domain.roles import Right
from wxbackend.services.office_frame import place_choices
from wxbackend.services.passage_details import open_detail, read_image, reveal_number
from wxbackend.services.reservation_lists import find_reservations

blueprint = guarded(
    Blueprint("office_reservations", __name__, url_prefix="/office/reservations"),
    office_members(Right.VIEW_RESERVATIONS),
)

EXPORT_PAGE = ExportPage("reservations", FIELDS, "office_reservations.index", conditions)


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = member_with(Right.VIEW_RESERVATIONS)
    asked = read_asked(FIELDS, member)
    values = with_usual_days(asked.values, today=local_day(dependencies().clock()))
    wanted = parse_filter(values)
    found = find_reservations(dependencies(), member.scope, wanted, asked.page)
    choices = place_choices()
    return render_template(
        "office/reservations.html",
        found=found,
        page=found.page,
        values=values,
        choices=choices,
        chips=shown_chips(values, choices),
        export_url=_export_url(values),
        list_arguments=list_arguments(),
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_with(Right.VIEW_RESERVATIONS), "office_reservations.index")


@blueprint.get("/<public_id>")
def detail(public_id: str) -> ResponseReturnValue:
    """基本信息; every opening is audited."""
    return _detail(public_id, "office/reservation.html")


@blueprint.get("/<public_id>/passengers")
def passengers(public_id: str) -> ResponseReturnValue:
    """乘车人信息."""
    return _detail(public_id, "office/reservation_passengers.html")


@blueprint.post("/<public_id>/reveal")
def reveal(public_id: str) -> ResponseReturnValue:
    """【显示】: one number, as a part of the page; without a script, as the page with it."""
    member = member_with(Right.VIEW_RESERVATIONS)
    number = reveal_number(
        dependencies(),
        member,
        public_id,
        field=request.form.get("field", "")[:30],
        actor=actor(member),
    )
    return render_template("office/reservation_number.html", number=number)


@blueprint.get("/<public_id>/images/<image_id>.jpg")
def image(public_id: str, image_id: str) -> ResponseReturnValue:
    """A picture that the driver uploaded; every look is audited."""
    member = member_with(Right.VIEW_RESERVATIONS)
    return jpeg(read_image(dependencies(), member, public_id, image_id, actor=actor(member)))


def _detail(public_id: str, template: str) -> str:
    member = member_with(Right.VIEW_RESERVATIONS)
    found = open_detail(dependencies(), member, public_id, actor=actor(member))
    return render_template(template, one=found, list_arguments=list_arguments())


def list_arguments() -> dict[str, Any]:
    """The list's own arguments, which its links carry along so that closing leads back to it."""
    kept = (*FIELDS.open, "f", "without", "sort", "size", "page")
    return {name: request.args[name] for name in kept if request.args.get(name)}


def _export_url(values: dict[str, str]) -> str:
    """What is seen is what is exported, the days of a fresh list included."""
    shown: dict[str, Any] = {name: values[name] for name in FIELDS.open if values[name]}
    arguments = {**list_arguments(), **shown, "kind": EXPORT_PAGE.kind}
    arguments.pop("page", None)
    return url_for("office_exports.new", **arguments)
