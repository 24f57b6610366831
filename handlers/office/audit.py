"""审计日志 and 导出记录, read only."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.lists import FilterFields, read_asked, to_list
from handlers.office.shell import member_with, office_members
from wxbackend.domain.roles import Right, Role
from wxbackend.services import audit_log, export_log
from wxbackend.services.exports import EXPORT_LISTS

blueprint = guarded(
    Blueprint("office_audit", __name__, url_prefix="/office/audit"),
    office_members(Right.READ_AUDIT),
)

FILTERS = FilterFields(
    "audit",
    open=("first", "last", "role", "action", "object_kind", "object_id", "result"),
    private=("account", "source"),
)
EXPORT_FILTERS = FilterFields(
    "all_exports", open=("first", "last", "kind", "form"), private=("account",)
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    values = dict(read_asked(FILTERS, member_with(Right.READ_AUDIT)).values)
    page = audit_log.read_log(dependencies(), values, request.args.get("page", ""))
    wording = dependencies().gateways.wording
    return render_template(
        "office/audit/index.html",
        page=page,
        values=with_usual_days(values),
        roles=tuple(Role),
        actions=wording.under("audit_action"),
        objects=wording.under("audit_object"),
        size=audit_log.PAGE_SIZE,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FILTERS, member_with(Right.READ_AUDIT), "office_audit.index")


@blueprint.get("/<int:entry_id>")
def show(entry_id: int) -> ResponseReturnValue:
    """An entry's details: in its row of the list, or by its address as a page of its own."""
    in_row = request.headers.get("HX-Target") == f"entry-{entry_id}"
    return render_template(
        "office/audit/row.html" if in_row else "office/audit/show.html",
        entry=audit_log.read_entry(entry_id),
        is_open="closed" not in request.args,
    )


@blueprint.get("/exports")
def exports() -> ResponseReturnValue:
    asked = read_asked(EXPORT_FILTERS, member_with(Right.READ_AUDIT))
    return render_template(
        "office/audit/exports.html",
        page=export_log.list_all_exports(dependencies(), asked.values, asked.page),
        values=asked.values,
        kinds=tuple(EXPORT_LISTS),
    )


@blueprint.post("/exports/search")
def search_exports() -> ResponseReturnValue:
    return to_list(EXPORT_FILTERS, member_with(Right.READ_AUDIT), "office_audit.exports")


def with_usual_days(values: dict[str, str]) -> dict[str, str]:
    """The filter fields as they hold: a log always shows a stretch of days."""
    first, last = audit_log.usual_stretch(dependencies())
    usual = {"first": first.isoformat(), "last": last.isoformat()}
    return {**values, **{name: values[name] or day for name, day in usual.items()}}
