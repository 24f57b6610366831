"""负责人管理: who answers for an enterprise, and by which number."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.enterprise_changes import read_form
from handlers.office.enterprises import FIELDS, list_facts
from handlers.office.lists import list_arguments
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.enterprise_form import LEAD_FIELDS
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.roles import Right
from wxbackend.services.enterprise_leads import add_lead, change_lead, remove_lead, set_main_lead
from wxbackend.services.enterprise_views import LeadView, show_leads
from wxbackend.services.visitors import Member

blueprint = guarded(
    Blueprint("office_enterprises_leads", __name__, url_prefix="/office/enterprises"),
    office_members(Right.MANAGE_ENTERPRISES),
)


@blueprint.get("/<public_id>/leads")
def index(public_id: str) -> ResponseReturnValue:
    return _leads_page(public_id, {}, {})


@blueprint.post("/<public_id>/leads")
def add(public_id: str) -> ResponseReturnValue:
    member, raw = _member(), read_form(*LEAD_FIELDS)
    try:
        add_lead(dependencies(), member.scope, public_id, raw, actor=actor(member))
    except InvalidForm as wrong:
        return _leads_page(public_id, raw, wrong.errors), 422
    return _back(public_id, "lead_added", raw["lead_name"])


@blueprint.post("/<public_id>/leads/<lead_id>/main")
def make_main(public_id: str, lead_id: str) -> ResponseReturnValue:
    member = _member()
    set_main_lead(dependencies(), member.scope, public_id, lead_id, actor=actor(member))
    return _back(public_id, "lead_is_main")


@blueprint.get("/<public_id>/leads/<lead_id>/remove")
def remove_form(public_id: str, lead_id: str) -> ResponseReturnValue:
    return _one_page("remove_lead", public_id, lead_id)


@blueprint.post("/<public_id>/leads/<lead_id>/remove")
def remove(public_id: str, lead_id: str) -> ResponseReturnValue:
    member = _member()
    remove_lead(dependencies(), member.scope, public_id, lead_id, actor=actor(member))
    return _back(public_id, "lead_removed")


@blueprint.get("/<public_id>/leads/<lead_id>/edit")
def edit_form(public_id: str, lead_id: str) -> ResponseReturnValue:
    return _one_page("lead_form", public_id, lead_id)


@blueprint.post("/<public_id>/leads/<lead_id>/edit")
def edit(public_id: str, lead_id: str) -> ResponseReturnValue:
    member, raw = _member(), read_form(*LEAD_FIELDS)
    seen = {name: request.form.get(f"seen-{name}", "") for name in ("name", "phone")}
    try:
        is_changed = change_lead(
            dependencies(), member.scope, public_id, lead_id, raw, before=seen, actor=actor(member)
        )
    except InvalidForm as wrong:
        return _one_page("lead_form", public_id, lead_id, raw=raw, errors=wrong.errors), 422
    return _back(public_id, "lead_edited" if is_changed else "same")


def _member() -> Member:
    return member_with(Right.MANAGE_ENTERPRISES)


def _back(public_id: str, what: str, name: str = "") -> ResponseReturnValue:
    """To the enterprise's leads again; over a list the script follows and stays in the drawer."""
    flash(word(f"enterprise_done.{what}", name=name), "ok")
    kept = list_arguments(FIELDS)
    address = url_for("office_enterprises_leads.index", public_id=public_id, **kept)  # type: ignore[arg-type]
    return redirect(address, 303)


def _leads_page(public_id: str, raw: Mapping[str, str], errors: Mapping[str, InvalidValue]) -> str:
    row, leads = show_leads(dependencies(), _member().scope, public_id)
    return render_template(
        "office/enterprises/leads.html",
        one=row,
        leads=leads,
        values=raw,
        errors=errors,
        **list_facts(),
    )


def _one_page(
    template: str,
    public_id: str,
    lead_id: str,
    *,
    raw: Mapping[str, str] | None = None,
    errors: Mapping[str, InvalidValue] | None = None,
) -> str:
    row, leads = show_leads(dependencies(), _member().scope, public_id)
    lead = _find(leads, lead_id)
    return render_template(
        f"office/enterprises/{template}.html",
        one=row,
        lead=lead,
        values=raw or {"lead_name": lead.name},
        errors=errors or {},
        **list_facts(),
    )


def _find(leads: tuple[LeadView, ...], lead_id: str) -> LeadView:
    """Raises: NotFound."""
    for lead in leads:
        if lead.public_id == lead_id:
            return lead
    raise NotFound
