"""【司机预约查询】 on the phone: 已通行 and 未通行, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.answers import jpeg
from handlers.context import actor, dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from handlers.lead import ENTERPRISE, chosen_enterprise
from handlers.mobile_lists import SEARCH, fields_of, read_list
from handlers.office.lists import to_list
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.roles import Role
from wxbackend.services import reservation_lookup
from wxbackend.services.passage_details import open_detail, read_image, reveal_number

blueprint = guarded(
    Blueprint("lead_reservations", __name__, url_prefix="/e/reservations"), enterprise_leads
)

NOT_PASSED = "open"
FIELDS = fields_of("lead_reservations", ENTERPRISE, "tab")


@blueprint.get("")
def index() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    asked = read_list(FIELDS, member_of(Role.ENTERPRISE))
    text, is_passed = asked.values[SEARCH], asked.values["tab"] != NOT_PASSED
    return render_template(
        "lead/reservations.html",
        chosen=chosen,
        page=reservation_lookup.find_reservations(
            dependencies(),
            chosen.scope,
            ReservationSearch(is_passed=is_passed, text=text),
            asked.page,
        ),
        counts=reservation_lookup.count_tabs(chosen.scope, text),
        is_passed=is_passed,
        text=text,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_of(Role.ENTERPRISE), "lead_reservations.index")


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id, {})


@blueprint.post("/<public_id>")
def reveal(public_id: str) -> ResponseReturnValue:
    """显示: the page again, with one number in clear."""
    member, field = member_of(Role.ENTERPRISE), request.form.get("field", "")[:30]
    number = reveal_number(dependencies(), member, public_id, field=field, actor=actor(member))
    return _page(public_id, {field: number})


@blueprint.get("/<public_id>/images/<image_id>.jpg")
def image(public_id: str, image_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    return jpeg(read_image(dependencies(), member, public_id, image_id, actor=actor(member)))


def _page(public_id: str, clear: Mapping[str, str]) -> str:
    member = member_of(Role.ENTERPRISE)
    one = open_detail(dependencies(), member, public_id, actor=actor(member))
    return render_template("lead/reservation.html", one=one, clear=clear)
