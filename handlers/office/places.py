"""卡口、镇街和原因: the short lists, and the checkpoints' posters."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import png
from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.shell import member_with, office_members
from handlers.presentation import label, word
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.places import LONGEST_NAMES, PlaceKind
from wxbackend.domain.roles import Right
from wxbackend.services import places

blueprint = guarded(
    Blueprint("office_places", __name__, url_prefix="/office/places"),
    office_members(Right.MANAGE_SYSTEM),
)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/places/index.html", lists=places.show_places())


@blueprint.get("/<kind>/new")
def new(kind: str) -> ResponseReturnValue:
    return _form(_kind(kind), None, {"name": ""})


@blueprint.post("/<kind>/new")
def add(kind: str) -> ResponseReturnValue:
    which, name = _kind(kind), request.form.get("name", "")[:200]
    try:
        places.add_place(dependencies(), which, name, actor=_actor())
    except InvalidForm as wrong:
        return _form(which, None, {"name": name}, wrong.errors), 422
    return _done("added", which)


@blueprint.get("/<kind>/<int:place_id>")
def edit(kind: str, place_id: int) -> ResponseReturnValue:
    place = places.show_place(_kind(kind), place_id)
    return _form(_kind(kind), place, {"name": place.name})


@blueprint.post("/<kind>/<int:place_id>")
def rename(kind: str, place_id: int) -> ResponseReturnValue:
    which, name = _kind(kind), request.form.get("name", "")[:200]
    try:
        places.rename_place(dependencies(), which, place_id, name, actor=_actor())
    except InvalidForm as wrong:
        place = places.show_place(which, place_id)
        return _form(which, place, {"name": name}, wrong.errors), 422
    return _done("saved", which)


@blueprint.post("/<kind>/<int:place_id>/up")
def move_up(kind: str, place_id: int) -> ResponseReturnValue:
    places.move_place(dependencies(), _kind(kind), place_id, is_up=True, actor=_actor())
    return redirect(url_for("office_places.index"), 303)


@blueprint.post("/<kind>/<int:place_id>/down")
def move_down(kind: str, place_id: int) -> ResponseReturnValue:
    places.move_place(dependencies(), _kind(kind), place_id, is_up=False, actor=_actor())
    return redirect(url_for("office_places.index"), 303)


@blueprint.post("/<kind>/<int:place_id>/enable")
def enable(kind: str, place_id: int) -> ResponseReturnValue:
    places.switch_place(dependencies(), _kind(kind), place_id, is_active=True, actor=_actor())
    return _done("enabled", _kind(kind))


@blueprint.post("/<kind>/<int:place_id>/disable")
def disable(kind: str, place_id: int) -> ResponseReturnValue:
    places.switch_place(dependencies(), _kind(kind), place_id, is_active=False, actor=_actor())
    return _done("disabled", _kind(kind))


@blueprint.post("/<kind>/<int:place_id>/delete")
def delete(kind: str, place_id: int) -> ResponseReturnValue:
    places.delete_place(dependencies(), _kind(kind), place_id, actor=_actor())
    return _done("deleted", _kind(kind))


# ---- posters -----------------------------------------------------------------------------------


@blueprint.get("/checkpoint/<int:checkpoint_id>/poster")
def poster(checkpoint_id: int) -> ResponseReturnValue:
    shown = places.show_poster(dependencies(), checkpoint_id)
    return render_template("office/places/poster.html", poster=shown)


@blueprint.get("/checkpoint/<int:checkpoint_id>/poster.png")
def poster_code(checkpoint_id: int) -> ResponseReturnValue:
    """The QR code for the page; `?download` hands it over as a file with the checkpoint's name."""
    name, content = places.draw_poster_code(dependencies(), checkpoint_id)
    if "download" not in request.args:
        return png(content)
    file_name = word("places.poster_file", name=name)
    return send_file(BytesIO(content), "image/png", as_attachment=True, download_name=file_name)


@blueprint.get("/checkpoint/<int:checkpoint_id>/poster/renew")
def ask_renew(checkpoint_id: int) -> ResponseReturnValue:
    shown = places.show_poster(dependencies(), checkpoint_id)
    return render_template("office/places/renew.html", poster=shown)


@blueprint.post("/checkpoint/<int:checkpoint_id>/poster/renew")
def renew(checkpoint_id: int) -> ResponseReturnValue:
    places.renew_poster(dependencies(), checkpoint_id, actor=_actor())
    flash(word("places.renewed"), "ok")
    return redirect(url_for("office_places.index"), 303)


def _kind(text: str) -> PlaceKind:
    try:
        return PlaceKind(text)
    except ValueError:
        raise NotFound from None


def _actor() -> Actor:
    return actor(member_with(Right.MANAGE_SYSTEM))


def _done(what: str, kind: PlaceKind) -> ResponseReturnValue:
    flash(word(f"places.{what}", kind=label("place_kind", kind)), "ok")
    return redirect(url_for("office_places.index"), 303)


def _form(
    kind: PlaceKind,
    place: places.ShownPlace | None,
    values: Mapping[str, str],
    errors: Mapping[str, InvalidValue] | None = None,
) -> str:
    return render_template(
        "office/places/form.html",
        kind=kind,
        place=place,
        values=values,
        errors=errors or {},
        longest=LONGEST_NAMES[kind],
    )
