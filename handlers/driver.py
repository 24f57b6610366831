"""The driver's port: own reservations, the pass code, cancelling, moving, repeating."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import jpeg, png
from handlers.context import actor, dependencies, visitor
from handlers.guards import drivers, guarded
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.scope import DriverScope
from wxbackend.services import drafts, identity, reservations
from wxbackend.services.reservation_views import list_own, show_own

blueprint = guarded(Blueprint("driver", __name__, url_prefix="/d"), drivers)

_PAGE_SIZE = 20


def scope() -> DriverScope:
    """The visitor's own reservations; the guard has made sure that there is a visitor.

    Raises: LookupError.
    """
    found = visitor().driver_scope
    if found is None:
        raise LookupError("no driver")
    return found


@blueprint.get("")
def home() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    found = list_own(dependencies(), scope(), limit=_PAGE_SIZE, before_id=before)
    return render_template("driver/home.html", list=found, is_first_page=before is None)


@blueprint.get("/reservations/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """The page that fits the state: the pass code, the failed check, or what became of it."""
    found = show_own(dependencies(), scope(), public_id)
    state = found.summary.state
    if state is ReservationState.RESERVED and found.shown_pass is not None:
        return render_template("driver/pass.html", reservation=found)
    if state is ReservationState.IDENTITY_FAILED:
        return render_template("driver/identity_failed.html", reservation=found)
    if state is ReservationState.PENDING_IDENTITY:
        return render_template("driver/identity_pending.html", reservation=found)
    return render_template("driver/ended.html", reservation=found)


@blueprint.get("/reservations/<public_id>/detail")
def detail(public_id: str) -> ResponseReturnValue:
    return render_template(
        "driver/detail.html", reservation=show_own(dependencies(), scope(), public_id)
    )


@blueprint.get("/reservations/<public_id>/qr.png")
def qr_code(public_id: str) -> ResponseReturnValue:
    found = show_own(dependencies(), scope(), public_id)
    if found.shown_pass is None:
        raise NotFound
    return png(dependencies().gateways.qr.png(found.shown_pass.link))


@blueprint.get("/reservations/<public_id>/state")
def state(public_id: str) -> ResponseReturnValue:
    """For the open pass page: has the gate decided meanwhile?"""
    found = show_own(dependencies(), scope(), public_id)
    return jsonify(state=found.summary.state.value, checking=found.check_is_running)


@blueprint.post("/reservations/<public_id>/identity")
def check_identity(public_id: str) -> ResponseReturnValue:
    return redirect(identity.begin_check(dependencies(), scope(), public_id, actor=actor()))


@blueprint.get("/reservations/<public_id>/cancel")
def confirm_cancel(public_id: str) -> ResponseReturnValue:
    return render_template(
        "driver/cancel.html", reservation=show_own(dependencies(), scope(), public_id)
    )


@blueprint.post("/reservations/<public_id>/cancel")
def cancel(public_id: str) -> ResponseReturnValue:
    reservations.cancel(dependencies(), scope(), public_id, actor=actor())
    return redirect(url_for("driver.home"))


@blueprint.get("/reservations/<public_id>/change")
def change_form(public_id: str) -> ResponseReturnValue:
    return _change_page(public_id, {}, {})


@blueprint.post("/reservations/<public_id>/change")
def change(public_id: str) -> ResponseReturnValue:
    try:
        reservations.change_arrival(
            dependencies(),
            scope(),
            public_id,
            arrival_text=request.form.get("arrival_at", ""),
            checkpoint_text=request.form.get("checkpoint", ""),
            actor=actor(),
        )
    except InvalidForm as wrong:
        return _change_page(public_id, request.form.to_dict(), wrong.errors), 422
    return redirect(url_for("driver.show", public_id=public_id))


@blueprint.post("/reservations/<public_id>/again")
def again(public_id: str) -> ResponseReturnValue:
    """再次预约: the form for a new reservation, filled from this one."""
    drafts.repeat_reservation(dependencies(), scope(), public_id)
    return redirect(url_for("driver_forms.new"))


@blueprint.get("/images/<public_id>.jpg")
def image(public_id: str) -> ResponseReturnValue:
    return jpeg(drafts.read_own_image(dependencies(), scope(), public_id))


def _change_page(public_id: str, typed: dict[str, str], errors: Mapping[str, InvalidValue]) -> str:
    found = show_own(dependencies(), scope(), public_id)
    local = to_local(found.summary.arrival_at).strftime("%Y-%m-%dT%H:%M")
    values = {"arrival_at": local, "checkpoint": str(found.checkpoint_id), **typed}
    _, checkpoints = reservations.places()
    return render_template(
        "driver/change.html",
        reservation=found,
        values=values,
        errors=errors,
        checkpoints=checkpoints,
    )
