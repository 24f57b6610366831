"""告警设置: who is told of passages in each town, in the bureau and in the task force."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_alerts", __name__, url_prefix="/office/alerts"),
    office_members(Right.SET_ALERTS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
