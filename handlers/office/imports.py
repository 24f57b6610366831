"""数据导入: files into the registers, by preview and confirmation."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_imports", __name__, url_prefix="/office/imports"),
    office_members(Right.MANAGE_EMPLOYEES),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
