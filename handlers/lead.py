"""The enterprise lead's port on the phone: the home page, and which enterprise it is about."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from wxbackend.domain.roles import Role
from wxbackend.services.lead_views import ChosenEnterprise, choose_enterprise, lead_day

blueprint = guarded(Blueprint("lead", __name__, url_prefix="/e"), enterprise_leads)

ENTERPRISE = "e"  # the argument in the address that names one of several enterprises


@blueprint.get("")
def home() -> ResponseReturnValue:
    chosen = chosen_enterprise()
    return render_template(
        "lead/home.html",
        member=member_of(Role.ENTERPRISE),
        chosen=chosen,
        today=lead_day(dependencies(), chosen.scope),
    )


def chosen_enterprise() -> ChosenEnterprise:
    """The enterprise of this address, checked against what the lead answers for now.

    Raises: NotFound.
    """
    return choose_enterprise(
        member_of(Role.ENTERPRISE).scope, request.values.get(ENTERPRISE, "")[:40]
    )
