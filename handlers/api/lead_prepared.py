"""代预约: a form filled in for an employee, and the link to send to them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from pydantic import Field

from handlers.answers import png
from handlers.api.form_shapes import DraftForm, TripForm, draft_of, raw_of
from handlers.api.guards import enterprise_leads
from handlers.api.lead import PageOfEnterprise, chosen, page_of
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Moment, PublicId
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded
from wxbackend.domain.errors import NotFound
from wxbackend.domain.roles import Role
from wxbackend.services import prepared_reservations
from wxbackend.services.prepared_views import PreparedStanding, PreparedView

blueprint = guarded(
    Blueprint("api_lead_prepared", __name__, url_prefix="/api/v1/lead/prepared"), enterprise_leads
)


class NewPrepared(TripForm):
    """Truck, trip and passengers; who drives is as the roster says, health the driver's word."""

    employee_id: PublicId


class PreparedMade(Answer):
    prepared_id: PublicId


class Prepared(Answer):
    """`link` while it opens the form; `form` while it is kept."""

    prepared_id: PublicId = Field(validation_alias="public_id")
    standing: PreparedStanding
    employee_id: PublicId
    name: str
    phone_masked: str
    enterprise: str
    arrival_at: Moment | None
    created_at: Moment
    expires_at: Moment
    reservation_id: PublicId | None
    link: str | None


class PreparedDetail(Prepared):
    form: DraftForm


class PreparedPage(Answer):
    """`total` stops counting at 10,000."""

    prepared: list[Prepared]
    total: int
    page_count: int


@blueprint.get("")
@operation(
    "Forms filled in for drivers", query=PageOfEnterprise, gives=PreparedPage, refuses=(404,)
)
def index(query: PageOfEnterprise) -> dict[str, Any]:
    found = prepared_reservations.find_prepared_forms(
        dependencies(), chosen(query).scope, page_of(query)
    )
    return {"prepared": found.rows, "total": found.counted, "page_count": found.page_count}


@blueprint.post("")
@operation(
    "Fill in a form for an employee",
    takes=NewPrepared,
    gives=PreparedMade,
    status=201,
    is_once=True,
    refuses=(404,),
)
def prepare(body: NewPrepared) -> dict[str, str]:
    """The driver finishes it with their own health declaration and identity check."""
    member, raw = member_of(Role.ENTERPRISE), raw_of(body)
    prepared_id = prepared_reservations.prepare(
        dependencies(),
        member.scope,
        raw.pop("employee_id"),
        raw,
        lead_id=member.lead_id or 0,
        actor=actor(member),
    )
    return {"prepared_id": prepared_id}


@blueprint.get("/<prepared_id>")
@operation("One form, with its link", gives=PreparedDetail)
def show(prepared_id: str) -> dict[str, Any]:
    """The look is audited."""
    view = _show(prepared_id)
    names = {name: getattr(view, name) for name in Prepared.model_fields if hasattr(view, name)}
    return {**names, "public_id": view.public_id, "form": draft_of(view.fields)}


@blueprint.get("/<prepared_id>/qr.png")
@operation("The link as a QR code", gives="image/png")
def qr_code(prepared_id: str) -> Response:
    link = _show(prepared_id).link
    if link is None:
        raise NotFound
    return png(dependencies().gateways.qr.png(link))


@blueprint.post("/<prepared_id>/sms")
@operation("Send the link to the driver by SMS", is_once=True)
def send(prepared_id: str) -> None:
    """At most once a minute."""
    member = member_of(Role.ENTERPRISE)
    prepared_reservations.send_link(dependencies(), member.scope, prepared_id, actor=actor(member))


@blueprint.post("/<prepared_id>/link")
@operation("Make the link anew", is_once=True)
def renew(prepared_id: str) -> None:
    """For a form that waits and shows no link: the keys were changed."""
    member = member_of(Role.ENTERPRISE)
    prepared_reservations.renew_link(dependencies(), member.scope, prepared_id, actor=actor(member))


@blueprint.post("/<prepared_id>/withdrawal")
@operation("Withdraw a form", is_once=True)
def withdraw(prepared_id: str) -> None:
    """Its link opens nothing any more."""
    member = member_of(Role.ENTERPRISE)
    prepared_reservations.withdraw(dependencies(), member.scope, prepared_id, actor=actor(member))


def _show(prepared_id: str) -> PreparedView:
    member = member_of(Role.ENTERPRISE)
    return prepared_reservations.show_prepared(
        dependencies(), member.scope, prepared_id, actor=actor(member)
    )
