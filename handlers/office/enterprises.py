"""货车企业管理: the ledger of enterprises and their leads."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right

blueprint = guarded(
    Blueprint("office_enterprises", __name__, url_prefix="/office/enterprises"),
    office_members(Right.VIEW_ENTERPRISES),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/soon.html")
