"""The front door: whoever has several roles chooses, whoever has one goes straight there."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import visitor
from handlers.guards import anyone_known, guarded
from wxbackend.domain.roles import Role

blueprint = guarded(Blueprint("ports", __name__), anyone_known)

HOMES = {
    Role.DRIVER: "driver.home",
    Role.CHECKPOINT: "gate.home",
    Role.ENTERPRISE: "lead.home",
    Role.TOWN: "town.home",
    Role.BUREAU: "office_home.home",
    Role.ADMIN: "office_accounts.index",
    Role.AUDITOR: "office_audit.index",
}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    doors = [(role, url_for(HOMES[role])) for role in visitor().roles if role in HOMES]
    others = [member for member in visitor().members if member.role not in HOMES]
    if len(doors) == 1 and not others and "choose" not in request.args:
        return redirect(doors[0][1])
    return render_template("ports.html", doors=doors, others=others)
