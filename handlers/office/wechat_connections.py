"""微信接口: whether a token is kept, what is left alone until when, and the address to list."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right
from wxbackend.services.wechat_connections import show_wechat_connections

blueprint = guarded(
    Blueprint("office_wechat_connections", __name__, url_prefix="/office/wechat"),
    office_members(Right.MANAGE_SYSTEM),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    found = show_wechat_connections(dependencies())
    return render_template("office/wechat_connections.html", accounts=found)
