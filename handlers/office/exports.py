"""我的导出: a list as a file, what one took out, and the files until they are deleted."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import attachment
from handlers.context import actor, dependencies
from handlers.downloads import XLSX
from handlers.guards import guarded
from handlers.office import drivers, enterprises, reservations
from handlers.office.export_pages import ExportPage
from handlers.office.lists import Asked, FilterFields, read_asked
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.roles import Right
from wxbackend.services.export_files import list_own_exports, open_own_export
from wxbackend.services.export_tables import ExportOrder
from wxbackend.services.exports import make_export, offer_export

blueprint = guarded(
    Blueprint("office_exports", __name__, url_prefix="/office/exports"),
    office_members(Right.EXPORT),
)

# Every list that can be exported; see wxbackend/services/export_lists.py.
PAGES: Mapping[str, ExportPage] = {
    page.kind: page
    for page in (drivers.EXPORT_PAGE, enterprises.EXPORT_PAGE, reservations.EXPORT_PAGE)
}
_OWN = FilterFields("exports", open=())
_FORM = ("range", "numbers", "reason")


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = member_with(Right.EXPORT)
    asked = read_asked(_OWN, member)
    page = list_own_exports(dependencies(), member, asked.page)
    return render_template("office/exports.html", page=page)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return _dialog({"range": "filtered", "numbers": "masked", "reason": ""}, None, {})


@blueprint.post("/new")
def make() -> ResponseReturnValue:
    member, page = member_with(Right.EXPORT), _asked_page()
    asked = read_asked(page.fields, member)
    form = {name: request.form.get(name, "") for name in _FORM}
    chosen = request.form.getlist("columns")
    try:
        made = make_export(
            dependencies(), member, _order(page, asked, form, chosen), actor=actor(member)
        )
    except InvalidForm as wrong:
        return _dialog(form, chosen, wrong.errors), 422
    flash(word("export.made", file=made.file_name), "ok")
    return redirect(url_for("office_exports.index", made=made.public_id), 303)


@blueprint.get("/<public_id>/file")
def download(public_id: str) -> ResponseReturnValue:
    member = member_with(Right.EXPORT)
    file = open_own_export(dependencies(), member, public_id, actor=actor(member))
    answer = Response(file.pieces, mimetype=XLSX)
    answer.content_length = file.byte_count
    return attachment(answer, file.file_name)


def _asked_page() -> ExportPage:
    """Raises: NotFound."""
    page = PAGES.get(request.args.get("kind", ""))
    if page is None:
        raise NotFound
    return page


def _order(
    page: ExportPage, asked: Asked, form: Mapping[str, str], chosen: list[str]
) -> ExportOrder:
    values = asked.values
    if form["range"] == "all":
        values = dict.fromkeys(values, "")
    return ExportOrder(
        kind=page.kind,
        values=values,
        order=asked.page,
        columns=chosen,
        is_clear=form["numbers"] == "clear",
        reason=form["reason"],
        conditions=[(each.title, each.words) for each in page.conditions(values)],
        open_values={name: values[name] for name in page.fields.open},
    )


def _dialog(
    form: Mapping[str, str], chosen: list[str] | None, errors: Mapping[str, InvalidValue]
) -> str:
    """`chosen` columns are None while nobody has chosen: then the usual ones are ticked."""
    member, page = member_with(Right.EXPORT), _asked_page()
    asked = read_asked(page.fields, member)
    offer = offer_export(dependencies(), member, page.kind, values=asked.values, order=asked.page)
    usual = [column.name for column in offer.columns if column.is_chosen]
    return render_template(
        "office/export_dialog.html",
        offer=offer,
        chosen=usual if chosen is None else chosen,
        form=form,
        errors=errors,
        conditions=page.conditions(asked.values),
        list_url=_list_url(page),
    )


def _list_url(page: ExportPage) -> str:
    arguments = {name: value for name, value in request.args.items() if name != "kind"}
    return url_for(page.endpoint, **arguments)  # type: ignore[arg-type]
