"""【司机预约查询】: 已通行 and 未通行, and what became of each."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response

from handlers.answers import jpeg
from handlers.api.guards import enterprise_leads
from handlers.api.lead import PageOfEnterprise, chosen, page_of
from handlers.api.lead_employees import ClearNumber
from handlers.api.operations import operation
from handlers.api.record_shapes import FoundPage, Record, shown_found, shown_record
from handlers.api.shapes import Answer, Asked, Text
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded
from wxbackend.domain.reservation_search import ReservationSearch
from wxbackend.domain.roles import Role
from wxbackend.services import reservation_lookup
from wxbackend.services.passage_details import open_detail, read_image, reveal_number

blueprint = guarded(
    Blueprint("api_lead_reservations", __name__, url_prefix="/api/v1/lead/reservations"),
    enterprise_leads,
)

Tab = Literal["passed", "open"]


class TabQuery(PageOfEnterprise):
    """`open` is everything that has not passed."""

    tab: Tab = "passed"


class ReservationSearchForm(TabQuery):
    """`text` is a name's beginning, a part of a plate, or a number (whole, or its last four)."""

    text: Text = ""


class TabCounts(Answer):
    passed: int
    open: int


class FieldAsked(Asked):
    """A person's `key` and `-id_number` or `-phone`: `driver-phone`, `passenger-1-id_number`."""

    field: Text


@blueprint.get("")
@operation("Reservations", query=TabQuery, gives=FoundPage, refuses=(404,))
def index(query: TabQuery) -> dict[str, Any]:
    return _find(query, "")


@blueprint.post("/search")
@operation("Search reservations", takes=ReservationSearchForm, gives=FoundPage, refuses=(404,))
def search(body: ReservationSearchForm) -> dict[str, Any]:
    """A POST that changes nothing: names and numbers stand in no address."""
    return _find(body, body.text)


@blueprint.get("/counts")
@operation("How many in each tab", query=PageOfEnterprise, gives=TabCounts, refuses=(404,))
def counts(query: PageOfEnterprise) -> dict[str, int]:
    passed, open_ = reservation_lookup.count_tabs(chosen(query).scope, "")
    return {"passed": passed, "open": open_}


@blueprint.get("/<reservation_id>")
@operation("One reservation", gives=Record)
def show(reservation_id: str) -> dict[str, Any]:
    """The look is audited."""
    member = member_of(Role.ENTERPRISE)
    return shown_record(open_detail(dependencies(), member, reservation_id, actor=actor(member)))


@blueprint.post("/<reservation_id>/number")
@operation("Show one number in clear", takes=FieldAsked, gives=ClearNumber)
def reveal(reservation_id: str, body: FieldAsked) -> dict[str, str]:
    """Of the lead's own employees; the look is audited."""
    member = member_of(Role.ENTERPRISE)
    number = reveal_number(
        dependencies(), member, reservation_id, field=body.field, actor=actor(member)
    )
    return {"number": number}


@blueprint.get("/<reservation_id>/images/<image_id>")
@operation("A picture that the driver uploaded", gives="image/jpeg")
def image(reservation_id: str, image_id: str) -> Response:
    """The look is audited."""
    member = member_of(Role.ENTERPRISE)
    return jpeg(read_image(dependencies(), member, reservation_id, image_id, actor=actor(member)))


def _find(query: TabQuery, text: str) -> dict[str, Any]:
    wanted = ReservationSearch(is_passed=query.tab == "passed", text=text)
    return shown_found(
        reservation_lookup.find_reservations(
            dependencies(), chosen(query).scope, wanted, page_of(query)
        )
    )
