"""通知记录: every notification, its state, and sending it again."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_notifications", __name__, url_prefix="/office/notifications"),
    office_members(Right.VIEW_NOTIFICATIONS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
