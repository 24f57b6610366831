"""What a person decides about notifications: send again, call delivered, leave alone."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.notifications import known_fields
from handlers.office.shell import member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.errors import NotFound
from wxbackend.domain.notifications import Channel, NotificationState
from wxbackend.domain.roles import Right
from wxbackend.services import channel_holds, notifications
from wxbackend.services.visitors import Member

blueprint = guarded(
    Blueprint("office_notification_decisions", __name__, url_prefix="/office/notifications"),
    office_members(Right.RESEND_NOTIFICATIONS),
)
_PICKED = "ids"


@blueprint.post("/resend")
def resend_picked() -> ResponseReturnValue:
    member, picked = _writer(), request.form.getlist(_PICKED)
    if not picked:
        flash(word("notifications.none_picked"), "warn")
        return _back()
    settled = notifications.send_again(dependencies(), member.scope, picked, actor=actor(member))
    return _queued(settled)


@blueprint.post("/dismiss")
def dismiss_picked() -> ResponseReturnValue:
    return _dismissed(request.form.getlist(_PICKED))


@blueprint.post("/channels/<channel>/try-again")
def try_channel_again(channel: str) -> ResponseReturnValue:
    member = _writer()
    if channel not in set(Channel):
        raise NotFound
    if channel_holds.try_channel_again(dependencies(), Channel(channel), actor=actor(member)):
        flash(word("notifications.trying_again", channel=label("channel", channel)), "ok")
    else:
        flash(word("notifications.not_held", channel=label("channel", channel)), "ok")
    return _back()


@blueprint.post("/<public_id>/resend")
def resend(public_id: str) -> ResponseReturnValue:
    """`seen` is the state that the page showed: whoever comes second meets another one."""
    member = _writer()
    try:
        seen = NotificationState(request.args.get("seen", ""))
    except ValueError:
        raise NotFound from None
    notifications.send_one_again(
        dependencies(), member.scope, public_id, seen=seen, actor=actor(member)
    )
    return _queued(notifications.Settled(1, 0))


@blueprint.post("/<public_id>/confirm")
def confirm(public_id: str) -> ResponseReturnValue:
    member = _writer()
    notifications.confirm_delivered(dependencies(), member.scope, public_id, actor=actor(member))
    flash(word("notifications.confirmed"), "ok")
    return _back()


@blueprint.post("/<public_id>/dismiss")
def dismiss(public_id: str) -> ResponseReturnValue:
    return _dismissed([public_id])


def _dismissed(public_ids: list[str]) -> ResponseReturnValue:
    member = _writer()
    settled = notifications.dismiss(dependencies(), member.scope, public_ids, actor=actor(member))
    if settled.done:
        flash(word("notifications.dismissed", count=settled.done), "ok")
    else:
        flash(word("notifications.none_picked"), "warn")
    return _back()


def _queued(settled: notifications.Settled) -> ResponseReturnValue:
    if settled.done:
        flash(word("notifications.queued_again", count=settled.done), "ok")
    if settled.left:
        flash(word("notifications.moved_on", count=settled.left), "warn")
    return _back()


def _back() -> ResponseReturnValue:
    """To the list as it was asked for; only its own fields are taken over."""
    kept = known_fields(parse_qsl(request.form.get("back", "")[:2000]))
    return redirect(url_for("office_notifications.index", **kept), 303)  # type: ignore[arg-type]


def _writer() -> Member:
    return member_with(Right.RESEND_NOTIFICATIONS)
