"""The driver's own reservations: making them, what became of them, the pass code."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from handlers.answers import png
from handlers.api.form_shapes import CorrectionForm, ReservationForm, raw_of
from handlers.api.guards import drivers
from handlers.api.operations import operation
from handlers.api.repeats import write_id
from handlers.api.reservation_shapes import (
    Reservation,
    ReservationPage,
    Submission,
)
from handlers.api.shapes import Answer, Asked, Moment, Text
from handlers.api.values import driver_scope
from handlers.context import actor, dependencies
from handlers.guards import guarded
from wxbackend.domain.errors import NotFound
from wxbackend.services import drafts, identity, identity_results, pass_pictures, reservations
from wxbackend.services.identity import ProgramCheck
from wxbackend.services.reservation_views import (
    ReservationDetail,
    ReservationList,
    list_own,
    show_own,
)
from wxbackend.services.reservations import Submitted

blueprint = guarded(
    Blueprint("api_driver_reservations", __name__, url_prefix="/api/v1/driver/reservations"),
    drivers,
)


class ListQuery(Asked):
    """`before` is the `next_before` of the page before."""

    before: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class Arrival(Asked):
    arrival_at: Text
    checkpoint: Text


class CheckStarted(Answer):
    """Give `cert_token` to 微警's own mini-program, or open `page_url` in a web-view."""

    cert_token: str
    page_url: str
    expires_at: Moment


@blueprint.get("")
@operation("List own reservations", query=ListQuery, gives=ReservationPage)
def index(query: ListQuery) -> ReservationList:
    """Newest first."""
    return list_own(dependencies(), driver_scope(), limit=query.limit, before_id=query.before)


@blueprint.post("")
@operation("Reserve", takes=ReservationForm, gives=Submission, status=201, is_once=True)
def submit(body: ReservationForm) -> Submitted:
    """A resident ID is proved next, by the identity check; others get their code at once."""
    raw = raw_of(body)
    drafts.save_fields(dependencies(), driver_scope(), drafts.NEW, raw)
    return reservations.submit(
        dependencies(),
        driver_scope(),
        raw,
        submission_key=write_id(),
        actor=actor(),
    )


@blueprint.get("/<reservation_id>")
@operation("One reservation", gives=Reservation)
def show(reservation_id: str) -> ReservationDetail:
    return show_own(dependencies(), driver_scope(), reservation_id)


@blueprint.put("/<reservation_id>")
@operation("Correct a reservation", takes=CorrectionForm, gives=Submission, is_once=True)
def correct(reservation_id: str, body: CorrectionForm) -> Submitted:
    """As long as its identity is not proved; its draft's pictures take the old ones' place."""
    return reservations.correct(
        dependencies(),
        driver_scope(),
        reservation_id,
        raw_of(body),
        actor=actor(),
        riding=body.riding,
    )


@blueprint.put("/<reservation_id>/arrival")
@operation("Come at another time, or to another checkpoint", takes=Arrival, is_once=True)
def change(reservation_id: str, body: Arrival) -> None:
    """Code and identity stay."""
    reservations.change_arrival(
        dependencies(),
        driver_scope(),
        reservation_id,
        arrival_text=body.arrival_at,
        checkpoint_text=body.checkpoint,
        actor=actor(),
    )


@blueprint.post("/<reservation_id>/cancellation")
@operation("Cancel", is_once=True)
def cancel(reservation_id: str) -> None:
    reservations.cancel(dependencies(), driver_scope(), reservation_id, actor=actor())


@blueprint.post("/<reservation_id>/repetition")
@operation("Fill the form for a new one from this one", is_once=True)
def repeat(reservation_id: str) -> None:
    drafts.repeat_reservation(dependencies(), driver_scope(), reservation_id)


@blueprint.post("/<reservation_id>/identity-check")
@operation("Begin the identity check", gives=CheckStarted, status=201, is_once=True, refuses=(503,))
def begin_check(reservation_id: str) -> ProgramCheck:
    """One that is under way is given again."""
    return identity.begin_check_in_program(
        dependencies(), driver_scope(), reservation_id, actor=actor()
    )


@blueprint.post("/<reservation_id>/identity-check/result")
@operation("How the identity check ended", gives=Reservation)
def check_result(reservation_id: str) -> ReservationDetail:
    """Ask when the person comes back; 微警 is asked, and the reservation's state says it."""
    scope = driver_scope()
    identity_results.ask_now(dependencies(), scope, reservation_id)
    return show_own(dependencies(), scope, reservation_id)


@blueprint.get("/<reservation_id>/qr.png")
@operation("The pass code as a QR code", gives="image/png")
def qr_code(reservation_id: str) -> Response:
    found = show_own(dependencies(), driver_scope(), reservation_id)
    if found.shown_pass is None:
        raise NotFound
    return png(dependencies().gateways.qr.png(found.shown_pass.link))


@blueprint.get("/<reservation_id>/program-code.jpg")
@operation("The pass code as a mini-program code", gives="image/jpeg", refuses=(503,))
def program_code(reservation_id: str) -> Response:
    """Scanned with WeChat it opens the mini-program's scan page with the token as its scene."""
    picture = pass_pictures.draw_program_code(dependencies(), driver_scope(), reservation_id)
    return Response(picture, mimetype="image/jpeg")
