"""首页: the numbers that a duty officer looks at first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.shell import member_with, office_members
from wxbackend.domain.roles import Right
from wxbackend.services.office_home import office_home

blueprint = guarded(
    Blueprint("office_home", __name__, url_prefix="/office"), office_members(Right.VIEW_HOME)
)


@blueprint.get("")
def home() -> ResponseReturnValue:
    member = member_with(Right.VIEW_HOME)
    return render_template("office/home.html", home=office_home(dependencies(), member.scope))
