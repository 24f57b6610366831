"""数据导入: files into the registers, by upload, preview and confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from handlers.answers import attachment
from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.lists import FilterFields, read_asked, to_list
from handlers.office.shell import here, member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.errors import InvalidValue, NotFound
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.roles import Right
from wxbackend.services import uploads
from wxbackend.services.upload_history import ORIGINS, list_runs
from wxbackend.services.upload_views import OUTCOMES, UploadView, imports_page, show_upload
from wxbackend.services.uploads import Download, NewUpload
from wxbackend.services.visitors import Member

blueprint = guarded(
    Blueprint("office_imports", __name__, url_prefix="/office/imports"),
    office_members(Right.MANAGE_EMPLOYEES),
)

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SECONDS_TO_REFRESH = 2
_HISTORY = FilterFields(page="imports", open=("kind", "origin", "first", "last"), private=("who",))


@blueprint.get("")
def index() -> ResponseReturnValue:
    member = _member()
    return render_template(
        "office/imports/index.html",
        page=imports_page(dependencies(), member),
        enterprises=uploads.enterprises_for(member),
        watched_folder=dependencies().policy.imports.watched_folder,
    )


@blueprint.get("/new/<kind>")
def start(kind: str) -> ResponseReturnValue:
    """上传文件, for one kind: where the other pages' 导入 leads."""
    return _start(_kind(kind))


@blueprint.post("/new/<kind>")
def upload(kind: str) -> ResponseReturnValue:
    member = _member()
    file_name, content = _posted_file()
    new = NewUpload(
        kind=_kind(kind),
        file_name=file_name,
        content=content,
        enterprise=request.form.get("enterprise", ""),
    )
    try:
        public_id = uploads.receive(dependencies(), member, new, actor=actor(member))
    except InvalidValue as wrong:
        field = "enterprise" if wrong.code.startswith("choice.") else "file"
        return _start(new.kind, {field: wrong}), 422
    return redirect(url_for("office_imports.show", public_id=public_id), 303)


@blueprint.get("/new/<kind>/template")
def template(kind: str) -> ResponseReturnValue:
    return _download(uploads.template(dependencies(), _member(), _kind(kind)))


@blueprint.get("/uploads/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    view = show_upload(dependencies(), _member(), public_id)
    answer = make_response(
        render_template("office/imports/upload.html", view=view, shown=_shown(view))
    )
    if view.is_busy:
        answer.headers["Refresh"] = str(_SECONDS_TO_REFRESH)
    return answer


@blueprint.get("/uploads/<public_id>/wrong-rows")
def wrong_rows(public_id: str) -> ResponseReturnValue:
    member = _member()
    return _download(uploads.wrong_rows(dependencies(), member, public_id, actor=actor(member)))


@blueprint.post("/uploads/<public_id>/decision")
def decide(public_id: str) -> ResponseReturnValue:
    """仅导入正确行 or 全部不导入."""
    member, deps = _member(), dependencies()
    if request.form.get("how") == "leave":
        uploads.leave(deps, member, public_id, actor=actor(member))
    else:
        uploads.confirm(deps, member, public_id, actor=actor(member))
    return redirect(url_for("office_imports.show", public_id=public_id), 303)


@blueprint.post("/uploads/<public_id>/again")
def again(public_id: str) -> ResponseReturnValue:
    """重新上传: this file is given up, another one chosen."""
    member, deps = _member(), dependencies()
    kind = show_upload(deps, member, public_id).kind
    uploads.leave(deps, member, public_id, actor=actor(member))
    flash(word("import_page.left"), "ok")
    return redirect(url_for("office_imports.start", kind=kind.value), 303)


@blueprint.get("/history")
def history() -> ResponseReturnValue:
    member = _member()
    asked = read_asked(_HISTORY, member)
    return render_template(
        "office/imports/history.html",
        page=list_runs(member, asked.values, asked.page),
        values=asked.values,
        kinds=[(kind.value, label("import.kind", kind)) for kind in uploads.kinds_for(member)],
        chips=[
            (title, words, here(**{name: ""}, f=""))
            if name == "who"
            else (title, words, here(**{name: ""}))
            for name, title, words in _conditions(asked.values)
        ],
    )


@blueprint.post("/history/search")
def search() -> ResponseReturnValue:
    return to_list(_HISTORY, _member(), "office_imports.history")


def _member() -> Member:
    return member_with(Right.MANAGE_EMPLOYEES)


def _posted_file() -> tuple[str, bytes]:
    """Its name, and no more of its content than is needed to see that it is too large."""
    file = request.files.get("file")
    if file is None:
        return "", b""
    with closing(file):
        return file.filename or "", file.read(uploads.MOST_BYTES + 1)


def _kind(text: str) -> ImportKind:
    """Raises: NotFound, also for a kind that the visitor may not import."""
    kind = next((kind for kind in uploads.kinds_for(_member()) if kind.value == text), None)
    if kind is None:
        raise NotFound
    return kind


def _start(kind: ImportKind, errors: dict[str, InvalidValue] | None = None) -> str:
    return render_template(
        "office/imports/start.html",
        kind=kind,
        columns=uploads.columns_for(_member(), kind),
        enterprises=uploads.enterprises_for(_member()),
        values={"enterprise": request.form.get("enterprise", "")},
        errors=errors or {},
    )


def _shown(view: UploadView) -> str:
    """Which tile is open: the one asked for, else wrong rows first."""
    asked = request.args.get("show", "")
    if asked in {*OUTCOMES, "leads"}:
        return asked
    return next((one for one in OUTCOMES if view.counts.get(one)), OUTCOMES[0])


def _download(file: Download) -> Response:
    answer = Response(file.content, mimetype=_EXCEL)
    return attachment(answer, f"{word(f'download.{file.name}')}.xlsx")


def _conditions(values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    # Nonsense in an address asks for nothing, and has no words.
    kind = values["kind"] if values["kind"] in set(ImportKind) else None
    origin = values["origin"] if values["origin"] in ORIGINS else None
    words = {
        "kind": ("import_page.filter.kind", label("import.kind", kind)),
        "origin": ("import_page.filter.origin", label("import_page.origin", origin)),
        "first": ("import_page.filter.first", values["first"]),
        "last": ("import_page.filter.last", values["last"]),
        "who": ("import_page.filter.who", values["who"]),
    }
    return [(name, word(key), text) for name, (key, text) in words.items() if text]
