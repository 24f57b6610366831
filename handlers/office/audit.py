"""审计日志 and 导出记录, read only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_audit", __name__, url_prefix="/office/audit"),
    office_members(Right.READ_AUDIT),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")


@blueprint.get("/exports")
def exports() -> ResponseReturnValue:
    return render_template("office/soon.html")
