"""短信通道: how each SMS provider does, its share of the texts, and why it changed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.shell import office_members
from wxbackend.domain.roles import Right
from wxbackend.services.sms_providers import show_sms_providers

blueprint = guarded(
    Blueprint("office_sms_providers", __name__, url_prefix="/office/sms-providers"),
    office_members(Right.VIEW_SMS_PROVIDERS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    found = show_sms_providers(dependencies())
    return render_template("office/sms_providers.html", found=found)
