"""What the bureau changes in the ledger: one enterprise by a form, or several ticked ones."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.enterprises import list_address, list_facts
from handlers.office.lists import lead_on
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.enterprise_form import ENTERPRISE_FIELDS, LEAD_FIELDS
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.roles import Right
from wxbackend.services.enterprise_views import (
    show_choices,
    show_chosen,
    show_values,
)
from wxbackend.services.enterprises import (
    Batch,
    ChangedMeanwhile,
    create_enterprise,
    disable_enterprises,
    edit_enterprise,
    enable_enterprise,
    move_enterprises,
)
from wxbackend.services.visitors import Member

_MOST_TICKED = 100
_LONGEST_RAW = 400
_SEEN = "seen-"  # fields of the form that say what it began with

blueprint = guarded(
    Blueprint("office_enterprises_changes", __name__, url_prefix="/office/enterprises"),
    office_members(Right.MANAGE_ENTERPRISES),
)


@blueprint.get("/new")
def new_form() -> ResponseReturnValue:
    return _new_page({}, {}), 200


@blueprint.post("/new")
def create() -> ResponseReturnValue:
    member = _member()
    raw = read_form(*ENTERPRISE_FIELDS, *LEAD_FIELDS)
    try:
        create_enterprise(dependencies(), member.scope, raw, actor=actor(member))
    except InvalidForm as wrong:
        return _new_page(raw, wrong.errors), 422
    flash(word("enterprise_done.created", name=raw["name"]), "ok")
    return lead_on(list_address())


@blueprint.get("/<public_id>/edit")
def edit_form(public_id: str) -> ResponseReturnValue:
    return _edit_page(public_id, {}, {}), 200


@blueprint.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    member = _member()
    raw = read_form(*ENTERPRISE_FIELDS)
    seen = {name: request.form.get(_SEEN + name, "") for name in ENTERPRISE_FIELDS}
    try:
        is_changed = edit_enterprise(
            dependencies(), member.scope, public_id, raw, before=seen, actor=actor(member)
        )
    except InvalidForm as wrong:
        return _edit_page(public_id, raw, wrong.errors, seen=seen), 422
    except ChangedMeanwhile as other:
        return _edit_page(public_id, raw, {}, seen=other.current, meanwhile=other), 409
    flash(word("enterprise_done.edited" if is_changed else "enterprise_done.same"), "ok")
    return lead_on(list_address())


@blueprint.get("/town")
def move_form() -> ResponseReturnValue:
    return _chosen_page("move", {}), 200


@blueprint.post("/town")
def move() -> ResponseReturnValue:
    member, ids = _member(), _ticked(request.form.getlist("id"))
    try:
        done = move_enterprises(
            dependencies(), member.scope, ids, read_form("town"), actor=actor(member)
        )
    except InvalidForm as wrong:
        return _chosen_page("move", wrong.errors), 422
    return _after("moved", done)


@blueprint.get("/disable")
def disable_form() -> ResponseReturnValue:
    return _chosen_page("disable", {}), 200


@blueprint.post("/disable")
def disable() -> ResponseReturnValue:
    member, ids = _member(), _ticked(request.form.getlist("id"))
    try:
        done = disable_enterprises(
            dependencies(), member.scope, ids, read_form("reason"), actor=actor(member)
        )
    except InvalidForm as wrong:
        return _chosen_page("disable", wrong.errors), 422
    return _after("disabled", done)


@blueprint.get("/<public_id>/enable")
def enable_form(public_id: str) -> ResponseReturnValue:
    return _chosen_page("enable", {}, [public_id]), 200


@blueprint.post("/<public_id>/enable")
def enable(public_id: str) -> ResponseReturnValue:
    member = _member()
    try:
        done = enable_enterprise(
            dependencies(), member.scope, public_id, read_form("reason"), actor=actor(member)
        )
    except InvalidForm as wrong:
        return _chosen_page("enable", wrong.errors, [public_id]), 422
    return _after("enabled", done)


def read_form(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "")[:_LONGEST_RAW] for name in names}


def _member() -> Member:
    return member_with(Right.MANAGE_ENTERPRISES)


def _ticked(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))[:_MOST_TICKED]


def _after(what: str, done: Batch) -> ResponseReturnValue:
    flash(word(f"enterprise_done.{what}", changed=done.changed), "ok")
    if done.unchanged:
        flash(word("enterprise_done.so_already", count=done.unchanged), "info")
    return lead_on(list_address())


def _new_page(raw: Mapping[str, str], errors: Mapping[str, InvalidValue]) -> str:
    return render_template(
        "office/enterprises/form.html",
        one=None,
        values=raw,
        errors=errors,
        choices=show_choices(_member().scope),
        **list_facts(),
    )


def _edit_page(
    public_id: str,
    raw: Mapping[str, str],
    errors: Mapping[str, InvalidValue],
    *,
    seen: Mapping[str, str] | None = None,
    meanwhile: ChangedMeanwhile | None = None,
) -> str:
    """The form as it is stored, or with what was typed; `seen` is what it began with."""
    found = show_values(dependencies(), _member().scope, public_id)
    return render_template(
        "office/enterprises/form.html",
        one=found.row,
        values=raw or found.values,
        seen=found.values if seen is None else seen,
        meanwhile=meanwhile,
        errors=errors,
        choices=found.choices,
        **list_facts(),
    )


def _chosen_page(
    what: str, errors: Mapping[str, InvalidValue], ids: list[str] | None = None
) -> str:
    """The dialog that says how many, and asks for the town or the reason."""
    scope = _member().scope
    chosen = _ticked(ids or request.values.getlist("id"))
    return render_template(
        f"office/enterprises/{what}.html",
        rows=show_chosen(dependencies(), scope, chosen),
        values=read_form("town", "reason"),
        errors=errors,
        choices=show_choices(scope),
        **list_facts(),
    )
