"""通知记录: every notification, its state, and sending it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.lists import FilterFields, read_asked, to_list
from handlers.office.shell import here, member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.moments import local_day
from wxbackend.domain.notification_filter import WAITING, days_asked, read_filter
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState
from wxbackend.domain.roles import Right
from wxbackend.services import notification_views
from wxbackend.services.notifications import NotificationMovedOn

blueprint = guarded(
    Blueprint("office_notifications", __name__, url_prefix="/office/notifications"),
    office_members(Right.VIEW_NOTIFICATIONS),
)
FIELDS = FilterFields(
    "notifications",
    open=("from", "to", "state", "channel", "kind", "unit"),
    private=("name", "phone", "plate"),
    sorts=("created_at",),
)
_ADDRESS = {*FIELDS.open, "f", "sort", "size", "page"}


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = member_with(Right.VIEW_NOTIFICATIONS)
    asked = read_asked(FIELDS, member)
    today = local_day(dependencies().clock())
    first, last = days_asked(asked.values, today=today)
    found = notification_views.show_list(
        dependencies(), member.scope, read_filter(asked.values, today=today), asked.page
    )
    values = {**asked.values, "from": first.isoformat(), "to": last.isoformat()}
    return render_template(
        "office/notifications/index.html",
        found=found,
        values=values,
        chips=list(_chips(asked.values)),
        states=list(NotificationState),
        channels=[(one.value, label("channel", one)) for one in Channel],
        kinds=[(one.value, label("notification_kind", one)) for one in NotificationKind],
        waiting=WAITING,
        asked=list_address(),
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FIELDS, member_with(Right.VIEW_NOTIFICATIONS), "office_notifications.index")


@blueprint.get("/<public_id>")
def detail(public_id: str) -> ResponseReturnValue:
    member = member_with(Right.VIEW_NOTIFICATIONS)
    found = notification_views.show_notification(
        dependencies(), member.scope, public_id, actor=actor(member)
    )
    return render_template(
        "office/notifications/detail.html", found=found, row=found.row, asked=list_address()
    )


@blueprint.post("/<public_id>/reveal")
def reveal(public_id: str) -> ResponseReturnValue:
    member = member_with(Right.SEE_CLEAR_NUMBERS)
    clear = notification_views.reveal_address(
        dependencies(), member.scope, public_id, actor=actor(member)
    )
    return render_template("office/alerts_clear.html", clear=clear)


@blueprint.get("/<public_id>/decide")
def decide_form(public_id: str) -> ResponseReturnValue:
    """What came of a send whose outcome is unknown: asked of a person."""
    member = member_with(Right.VIEW_NOTIFICATIONS)
    found = notification_views.show_notification(
        dependencies(), member.scope, public_id, actor=actor(member)
    )
    if not found.row.may_confirm:
        raise NotificationMovedOn
    return render_template(
        "office/notifications/decide.html", found=found, row=found.row, asked=list_address()
    )


def list_address() -> dict[str, str]:
    """What the list was asked for: it goes along with what opens over it."""
    return known_fields(request.args.items())


def known_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in pairs if name in _ADDRESS}


# ---- how it looks ------------------------------------------------------------------------------


def _chips(values: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is asked for beyond days and state: title, words, and the address without it."""
    words = {
        "channel": lambda value: label("channel", value) if value in set(Channel) else "",
        "kind": lambda value: (
            label("notification_kind", value) if value in set(NotificationKind) else ""
        ),
    }
    for name in ("channel", "kind", "unit", *FIELDS.private):
        if value := values[name]:
            is_private = name in FIELDS.private
            shown = words.get(name, str)(value)
            if not shown:
                continue  # nonsense in an address asks for nothing
            yield (
                word(f"notifications.field.{name}"),
                shown,
                here(**{"f" if is_private else name: ""}),
            )


@blueprint.app_template_global()
def said(channel: str, code: str) -> str:
    """What a provider's code means, with the code; the code alone where nobody knows."""
    wording = dependencies().gateways.wording
    plain = code.removeprefix("gettoken_")  # the call before, with the same meaning
    group = plain.partition(".")[0]  # LimitExceeded.PhoneNumberDailyLimit
    for key in (f"{channel}.{plain}", f"{channel}.{group}", plain):
        key = f"provider_says.{key}"
        if code and key in wording:
            return word("notifications.said", words=wording.text(key), code=code)
    return code
