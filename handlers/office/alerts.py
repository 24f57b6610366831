"""告警设置: who is told of passages in each town, in the bureau and in the task force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.alert_recipients import RECIPIENT_FIELDS, AlertList, read_list_key
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.roles import Right
from wxbackend.services import alerts
from wxbackend.services.alert_views import ListView, show_list, show_lists
from wxbackend.services.visitors import Member

blueprint = guarded(
    Blueprint("office_alerts", __name__, url_prefix="/office/alerts"),
    office_members(Right.SET_ALERTS),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _page()


@blueprint.get("/<key>/add")
def add_form(key: str) -> ResponseReturnValue:
    return _page(form="add", place=_list_of(key).key)


@blueprint.post("/<key>/add")
def add(key: str) -> ResponseReturnValue:
    member, raw, of = _member(), _raw(), _list_of(key)
    try:
        name = alerts.add_alert_recipient(
            dependencies(), member.scope, of, raw, actor=actor(member)
        )
    except InvalidForm as wrong:
        return _page(422, form="add", place=of.key, values=raw, errors=wrong.errors)
    return _back("alerts.added", name=name)


@blueprint.get("/recipients/<public_id>/edit")
def edit_form(public_id: str) -> ResponseReturnValue:
    return _page(form="edit", recipient=public_id)


@blueprint.post("/recipients/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    member, raw = _member(), _raw()
    try:
        name = alerts.change_alert_recipient(
            dependencies(), member.scope, public_id, raw, actor=actor(member)
        )
    except InvalidForm as wrong:
        return _page(422, form="edit", recipient=public_id, values=raw, errors=wrong.errors)
    return _back("alerts.changed", name=name)


@blueprint.get("/recipients/<public_id>/remove")
def remove_form(public_id: str) -> ResponseReturnValue:
    return _page(form="remove", recipient=public_id)


@blueprint.post("/recipients/<public_id>/remove")
def remove(public_id: str) -> ResponseReturnValue:
    member = _member()
    name = alerts.remove_alert_recipient(
        dependencies(), member.scope, public_id, actor=actor(member)
    )
    return _back("alerts.removed", name=name)


@blueprint.post("/recipients/<public_id>/reveal")
def reveal(public_id: str) -> ResponseReturnValue:
    member = _member()
    try:
        number = alerts.RecipientNumber(request.form.get("field", ""))
    except ValueError:
        raise NotFound from None
    clear = alerts.reveal_recipient_number(
        dependencies(), member.scope, public_id, number, actor=actor(member)
    )
    return render_template("office/alerts_clear.html", clear=clear)


@blueprint.post("/<key>/test")
def test_list(key: str) -> ResponseReturnValue:
    member = _member()
    row = show_list(dependencies(), member.scope, _list_of(key))
    sent = alerts.send_test_to_list(
        dependencies(), member.scope, row.of, row.name, actor=actor(member)
    )
    return _tested(sent)


@blueprint.post("/recipients/<public_id>/test")
def test_recipient(public_id: str) -> ResponseReturnValue:
    member = _member()
    row = _row_of(show_lists(dependencies(), member.scope), public_id)
    sent = alerts.send_test_to_recipient(
        dependencies(), member.scope, public_id, row.name, actor=actor(member)
    )
    return _tested(sent)


@blueprint.get("/<key>/tests")
def tests(key: str) -> ResponseReturnValue:
    """One row's last tests: a page that saw one under way asks until it has settled."""
    row = show_list(dependencies(), _member().scope, _list_of(key))
    return render_template("office/alerts_tests.html", row=row)


def _page(
    status: int = 200,
    *,
    form: str = "",
    place: str = "",
    recipient: str = "",
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, InvalidValue] | None = None,
) -> ResponseReturnValue:
    """All lists; `form` is open below the row of `place`, or of this recipient."""
    rows = show_lists(dependencies(), _member().scope)
    facts: dict[str, Any] = {"place": place, "recipient": None}
    if recipient:
        row = _row_of(rows, recipient)
        facts["place"] = row.of.key
        facts["recipient"] = next(one for one in row.recipients if one.public_id == recipient)
    elif place and all(row.of.key != place for row in rows):
        raise NotFound
    if values is None:
        values = dict.fromkeys(RECIPIENT_FIELDS, "")
        values["name"] = facts["recipient"].name if recipient else ""
    facts |= {"form": form, "values": values, "errors": errors or {}}
    times = dependencies().policy.digests.times
    facts["digest_times"] = _together(time.strftime("%H:%M") for time in times)
    return render_template("office/alerts.html", rows=rows, **facts), status


def _row_of(rows: Iterable[ListView], public_id: str) -> ListView:
    for row in rows:
        if any(one.public_id == public_id for one in row.recipients):
            return row
    raise NotFound


def _list_of(key: str) -> AlertList:
    found = read_list_key(key)
    if found is None:
        raise NotFound
    return found


def _member() -> Member:
    return member_with(Right.SET_ALERTS)


def _raw() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in RECIPIENT_FIELDS}


def _tested(sent: alerts.SentTests) -> ResponseReturnValue:
    if sent.sent:
        flash(word("alerts.test_sent", names=_together(sent.sent)), "ok")
    if sent.too_soon:
        flash(word("alerts.test_too_soon", names=_together(sent.too_soon)), "warn")
    if not sent.sent and not sent.too_soon:
        flash(word("alerts.nobody"), "warn")
    return redirect(url_for("office_alerts.index"), 303)


def _together(names: Iterable[str]) -> str:
    return word("alerts.and").join(names)


def _back(key: str, *, name: str) -> ResponseReturnValue:
    flash(word(key, name=name), "ok")
    return redirect(url_for("office_alerts.index"), 303)
