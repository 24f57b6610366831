"""登录记录: who signed in, from where, and who could not."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_sign_ins", __name__, url_prefix="/office/sign-ins"),
    office_members(Right.VIEW_SIGN_INS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
