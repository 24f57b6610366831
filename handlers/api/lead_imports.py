"""【导入】: employees from an Excel file, looked at first, then taken at the lead's word."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, request
from pydantic import Field

from handlers.api.guards import enterprise_leads
from handlers.api.lead import AboutEnterprise, chosen
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Moment, PublicId
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded
from handlers.refusals import sentence_of
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.roles import Role
from wxbackend.services import uploads
from wxbackend.services.upload_views import UploadView, show_upload
from wxbackend.services.uploads import Download, NewUpload

blueprint = guarded(
    Blueprint("api_lead_imports", __name__, url_prefix="/api/v1/lead/imports"), enterprise_leads
)

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportReceived(Answer):
    import_id: PublicId


class WrongCell(Answer):
    column: str
    value: str
    reason: str


class WrongRow(Answer):
    """`row` is its number in the file."""

    row: int
    title: str
    cells: list[WrongCell]


class Import(Answer):
    """`counts` are rows: new, changed, same, wrong; `wrong_rows` the first of them.

    While `is_busy` the file is worked on: ask again. A `checked` one waits for the lead's word.
    `has_clashed`: the roster changed meanwhile, so look at the new counts.
    """

    import_id: PublicId = Field(validation_alias="public_id")
    file_name: str
    state: Literal[
        "waiting", "checking", "checked", "refused", "accepted", "taking", "taken", "left"
    ]
    is_busy: bool
    has_clashed: bool
    created_at: Moment
    expires_at: Moment
    refusal: str
    counts: dict[str, int]
    wrong_rows: list[WrongRow]
    has_wrong_rows_file: bool


@blueprint.post("")
@operation(
    "Send a file of employees",
    query=AboutEnterprise,
    uploads="file",
    gives=ImportReceived,
    status=201,
    is_once=True,
    refuses=(404,),
)
def upload(query: AboutEnterprise) -> dict[str, str]:
    """.xlsx or .csv, up to 8 MB; a file that was not decided on is given up for it."""
    member, file = member_of(Role.ENTERPRISE), request.files.get("file")
    if file is None:
        raise InvalidForm({"file": InvalidValue("import.file.empty")})
    new = NewUpload(
        kind=ImportKind.EMPLOYEES,
        file_name=file.filename or "",
        content=file.read(uploads.MOST_BYTES + 1),
        enterprise=chosen(query).current.public_id,
    )
    try:
        public_id = uploads.receive(dependencies(), member, new, actor=actor(member))
    except InvalidValue as wrong:
        raise InvalidForm({"file": wrong}) from None
    return {"import_id": public_id}


@blueprint.get("/template")
@operation("The empty file to fill in", gives=EXCEL)
def template() -> Response:
    member = member_of(Role.ENTERPRISE)
    return _file(uploads.template(dependencies(), member, ImportKind.EMPLOYEES))


@blueprint.get("/<import_id>")
@operation("What a file would change, or has changed", gives=Import)
def show(import_id: str) -> dict[str, Any]:
    return _shown(_view(import_id))


@blueprint.get("/<import_id>/wrong-rows")
@operation("The wrong rows as a file, with the reasons", gives=EXCEL)
def wrong_rows(import_id: str) -> Response:
    _view(import_id)
    member = member_of(Role.ENTERPRISE)
    return _file(uploads.wrong_rows(dependencies(), member, import_id, actor=actor(member)))


@blueprint.post("/<import_id>/take")
@operation("Take the right rows", gives=Import, is_once=True, refuses=(409,))
def take(import_id: str) -> dict[str, Any]:
    _view(import_id)
    member = member_of(Role.ENTERPRISE)
    uploads.confirm(dependencies(), member, import_id, actor=actor(member))
    return _shown(_view(import_id))


@blueprint.post("/<import_id>/leave")
@operation("Take nothing", is_once=True)
def leave(import_id: str) -> None:
    """The file is erased; what was taken stays taken."""
    _view(import_id)
    member = member_of(Role.ENTERPRISE)
    uploads.leave(dependencies(), member, import_id, actor=actor(member))


def _view(import_id: str) -> UploadView:
    """A file of employees; somebody who leads and is an officer besides has others elsewhere."""
    view = show_upload(dependencies(), member_of(Role.ENTERPRISE), import_id)
    if view.kind is not ImportKind.EMPLOYEES:
        raise NotFound
    return view


def _shown(view: UploadView) -> dict[str, Any]:
    rows = [
        {"row": row["row"], "title": row["title"], "cells": [_cell(cell) for cell in row["cells"]]}
        for row in view.wrong_rows
    ]
    return {
        **{name: getattr(view, name) for name in ("public_id", "file_name", "is_busy")},
        "state": view.state.value,
        "has_clashed": view.has_clashed,
        "created_at": view.created_at,
        "expires_at": view.expires_at,
        "refusal": sentence_of(view.refusal) if view.refusal else "",
        "counts": view.counts,
        "wrong_rows": rows,
        "has_wrong_rows_file": view.has_wrong_rows_file,
    }


def _cell(cell: Any) -> dict[str, str]:
    column, value, reason = cell
    return {"column": column, "value": str(value or ""), "reason": reason}


def _file(file: Download) -> Response:
    return Response(file.content, mimetype=EXCEL)
