"""预约 and 通行记录 of a town on the phone, also of drivers who stand on no roster. Views only."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.answers import jpeg
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded, town_users
from handlers.mobile_lists import SEARCH, fields_of, read_list
from handlers.office.lists import to_list
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.roles import Role
from wxbackend.services.passage_details import open_detail, read_image, reveal_number
from wxbackend.services.reservation_lookup import find_reservations

blueprint = guarded(
    Blueprint("town_reservations", __name__, url_prefix="/t/reservations"), town_users
)

DECIDED = "decided"
FIELDS = fields_of("town_reservations", "tab")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """预约 that wait or ended without a passage; 通行记录 by `tab`."""
    member = member_of(Role.TOWN)
    asked = read_list(FIELDS, member)
    is_decided = asked.values["tab"] == DECIDED
    wanted = ReservationSearch(is_decided=is_decided, text=asked.values[SEARCH])
    return render_template(
        "town/reservations.html",
        member=member,
        page=find_reservations(dependencies(), member.scope, wanted, asked.page),
        is_decided=is_decided,
        text=wanted.text,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.TOWN), "town_reservations.index")


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id, {})


@blueprint.post("/<public_id>")
def reveal(public_id: str) -> ResponseReturnValue:
    """显示: the page again, with one number in clear."""
    member, field = member_of(Role.TOWN), request.form.get("field", "")[:30]
    number = reveal_number(dependencies(), member, public_id, field=field, actor=actor(member))
    return _page(public_id, {field: number})


@blueprint.get("/<public_id>/images/<image_id>.jpg")
def image(public_id: str, image_id: str) -> ResponseReturnValue:
    member = member_of(Role.TOWN)
    return jpeg(read_image(dependencies(), member, public_id, image_id, actor=actor(member)))


def _page(public_id: str, clear: Mapping[str, str]) -> str:
    member = member_of(Role.TOWN)
    one = open_detail(dependencies(), member, public_id, actor=actor(member))
    return render_template("town/reservation.html", one=one, clear=clear)
