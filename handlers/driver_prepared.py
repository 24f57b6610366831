"""代预约 on the driver's phone: the link opens a form that a lead filled in."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.driver import scope
from handlers.driver_forms import form_page, riding, submit_form
from handlers.guards import drivers, guarded
from wxbackend.services import prepared_forms
from wxbackend.services.prepared_forms import OpenedForm

blueprint = guarded(Blueprint("driver_prepared", __name__, url_prefix="/d/prepared"), drivers)


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Outside WeChat the guard asks to open it there, and says nothing about it."""
    opened = _open(token)
    return _to_reservation(opened) if opened.reservation_id else form_page(opened.subject)


@blueprint.post("/<token>")
def submit(token: str) -> ResponseReturnValue:
    opened = _open(token)
    if opened.reservation_id:
        return _to_reservation(opened)
    return submit_form(
        opened.subject,
        lambda raw: prepared_forms.submit_prepared(
            dependencies(), scope(), token, raw, riding=riding(), actor=actor()
        ),
    )


def _open(token: str) -> OpenedForm:
    return prepared_forms.open_prepared(dependencies(), scope(), token, actor=actor())


def _to_reservation(opened: OpenedForm) -> ResponseReturnValue:
    return redirect(url_for("driver.show", public_id=opened.reservation_id))
