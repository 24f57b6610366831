"""The enterprise lead's port on the phone."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from wxbackend.domain.roles import Role
from wxbackend.services.lead_views import lead_day

blueprint = guarded(Blueprint("lead", __name__, url_prefix="/e"), enterprise_leads)


@blueprint.get("")
def home() -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    return render_template(
        "lead/home.html", member=member, today=lead_day(dependencies(), member.scope)
    )
