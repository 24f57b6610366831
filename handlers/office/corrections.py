"""填写更正: what the bureau says about a passage afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.reservations import list_arguments
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.roles import Right
from wxbackend.services.corrections import correct_passage, find_subject, parse_correction
from wxbackend.services.gate_views import denial_reasons
from wxbackend.services.passages import new_request_id

blueprint = guarded(
    Blueprint("office_corrections", __name__, url_prefix="/office/reservations"),
    office_members(Right.CORRECT_PASSAGES),
)


@blueprint.get("/<public_id>/correction")
def form(public_id: str) -> ResponseReturnValue:
    return _form(public_id, {}, {}, new_request_id())


@blueprint.post("/<public_id>/correction")
def save(public_id: str) -> ResponseReturnValue:
    """Sent twice, it is saved once and answered twice."""
    member = member_with(Right.CORRECT_PASSAGES)
    request_id = request.form.get("request_id", "")[:40] or new_request_id()
    try:
        correct_passage(
            dependencies(),
            member,
            public_id,
            parse_correction(request.form),
            request_id=request_id,
            actor=actor(member),
        )
    except InvalidForm as wrong:
        return _form(public_id, request.form, wrong.errors, request_id), 422
    flash(word("correction.saved"), "ok")
    where = url_for("office_reservations.detail", public_id=public_id, **list_arguments())
    return redirect(where, 303)


def _form(
    public_id: str,
    typed: Mapping[str, str],
    errors: Mapping[str, InvalidValue],
    request_id: str,
) -> str:
    return render_template(
        "office/correction.html",
        subject=find_subject(member_with(Right.CORRECT_PASSAGES).scope, public_id),
        reasons=denial_reasons(),
        typed=typed,
        errors=errors,
        request_id=request_id,
        list_arguments=list_arguments(),
    )
