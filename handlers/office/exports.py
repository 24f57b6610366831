"""我的导出: what one took out, and the files until they are deleted."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_exports", __name__, url_prefix="/office/exports"),
    office_members(Right.EXPORT),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
