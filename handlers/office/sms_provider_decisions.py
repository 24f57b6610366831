"""What a person decides about an SMS provider: stop it, or let it send all its texts again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.shell import member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.roles import Right
from wxbackend.services import sms_providers

blueprint = guarded(
    Blueprint("office_sms_provider_decisions", __name__, url_prefix="/office/sms-providers"),
    office_members(Right.MANAGE_SYSTEM),
)


@blueprint.post("/<provider>/stop")
def stop(provider: str) -> ResponseReturnValue:
    member = member_with(Right.MANAGE_SYSTEM)
    sms_providers.stop_sms_provider(dependencies(), provider, actor=actor(member))
    return _done("stopped", provider)


@blueprint.post("/<provider>/restore")
def restore(provider: str) -> ResponseReturnValue:
    member = member_with(Right.MANAGE_SYSTEM)
    sms_providers.restore_sms_provider(dependencies(), provider, actor=actor(member))
    return _done("restored", provider)


def _done(what: str, provider: str) -> ResponseReturnValue:
    flash(word(f"sms_providers.{what}", name=label("provider", provider)), "ok")
    return redirect(url_for("office_sms_providers.index"), 303)
