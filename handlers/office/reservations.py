"""预约和通行记录: every reservation and what became of it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_reservations", __name__, url_prefix="/office/reservations"),
    office_members(Right.VIEW_RESERVATIONS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
