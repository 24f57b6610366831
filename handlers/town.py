"""The town's port on the phone: 货车司机."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import member_of
from handlers.guards import guarded, town_users
from wxbackend.domain.roles import Role

blueprint = guarded(Blueprint("town", __name__, url_prefix="/t"), town_users)


@blueprint.get("")
def home() -> ResponseReturnValue:
    return render_template("town/home.html", member=member_of(Role.TOWN))
