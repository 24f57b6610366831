"""首页: the numbers that a duty officer looks at first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_home", __name__, url_prefix="/office"), office_members(Right.VIEW_HOME)
)


@blueprint.get("")
def home() -> ResponseReturnValue:
    return render_template("office/soon.html")
