"""货车司机台账: everybody on the rosters, and what is known of each."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_drivers", __name__, url_prefix="/office/drivers"),
    office_members(Right.VIEW_DRIVERS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
