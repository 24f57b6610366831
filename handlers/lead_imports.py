"""【导入】 on the lead's phone: employees from an Excel file, taken at the lead's word."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import attachment
from handlers.context import actor, dependencies, member_of
from handlers.guards import enterprise_leads, guarded
from handlers.lead import chosen_enterprise
from handlers.presentation import word
from wxbackend.domain.errors import InvalidValue, NotFound
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.roles import Role
from wxbackend.services import uploads
from wxbackend.services.upload_views import UploadView, show_upload
from wxbackend.services.uploads import Download, NewUpload

blueprint = guarded(Blueprint("lead_imports", __name__, url_prefix="/e/import"), enterprise_leads)

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SECONDS_TO_REFRESH = 2


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _start({})


@blueprint.post("")
def upload() -> ResponseReturnValue:
    member, file = member_of(Role.ENTERPRISE), request.files.get("file")
    new = NewUpload(
        kind=ImportKind.EMPLOYEES,
        file_name=(file.filename if file else "") or "",
        content=file.read(uploads.MOST_BYTES + 1) if file else b"",
        enterprise=chosen_enterprise().current.public_id,
    )
    try:
        public_id = uploads.receive(dependencies(), member, new, actor=actor(member))
    except InvalidValue as wrong:
        return _start({"file": wrong}), 422
    return redirect(url_for("lead_imports.show", public_id=public_id), 303)


@blueprint.get("/template")
def template() -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    return _download(uploads.template(dependencies(), member, ImportKind.EMPLOYEES))


@blueprint.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """The upload by its state; while it is worked on, the page asks again by itself."""
    view = _view(public_id)
    answer = make_response(render_template("lead/import.html", view=view))
    if view.is_busy:
        answer.headers["Refresh"] = str(_SECONDS_TO_REFRESH)
    return answer


@blueprint.get("/<public_id>/wrong-rows")
def wrong_rows(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    return _download(uploads.wrong_rows(dependencies(), member, public_id, actor=actor(member)))


@blueprint.post("/<public_id>/take")
def take(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    _view(public_id)
    uploads.confirm(dependencies(), member, public_id, actor=actor(member))
    return redirect(url_for("lead_imports.show", public_id=public_id), 303)


@blueprint.post("/<public_id>/leave")
def leave(public_id: str) -> ResponseReturnValue:
    member = member_of(Role.ENTERPRISE)
    _view(public_id)
    uploads.leave(dependencies(), member, public_id, actor=actor(member))
    return redirect(url_for("lead_imports.show", public_id=public_id), 303)


def _view(public_id: str) -> UploadView:
    """A file of employees; somebody who leads and is an officer besides has others elsewhere."""
    view = show_upload(dependencies(), member_of(Role.ENTERPRISE), public_id)
    if view.kind is not ImportKind.EMPLOYEES:
        raise NotFound
    return view


def _start(errors: Mapping[str, InvalidValue]) -> str:
    return render_template("lead/import_new.html", chosen=chosen_enterprise(), errors=errors)


def _download(file: Download) -> Response:
    answer = Response(file.content, mimetype=_EXCEL)
    return attachment(answer, f"{word(f'download.{file.name}')}.xlsx")
