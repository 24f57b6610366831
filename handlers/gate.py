"""The checkpoint's port outside a scan: home, shift, today's passages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, member_of, visitor
from handlers.guards import checkpoint_staff, guarded
from handlers.local_paths import local_path
from wxbackend.domain.roles import Role
from wxbackend.services import shifts
from wxbackend.services.gate_views import passages_of_day
from wxbackend.services.visitors import set_return_path

blueprint = guarded(Blueprint("gate", __name__, url_prefix="/gate"), checkpoint_staff)

_RECENT = 6
_PAGE_SIZE = 50


@blueprint.get("")
def home() -> ResponseReturnValue:
    member = member_of(Role.CHECKPOINT)
    shift = shifts.current_shift(dependencies(), member)
    if shift is None:
        return render_template("gate/start.html", member=member)
    today = passages_of_day(dependencies(), member, limit=_RECENT)
    return render_template("gate/home.html", member=member, shift=shift, today=today)


@blueprint.post("/shift")
def start_shift() -> ResponseReturnValue:
    """【开始值班】; whoever came from a pass link goes on to that pass."""
    member = member_of(Role.CHECKPOINT)
    shifts.start_shift(dependencies(), member, actor=actor(member))
    wanted = visitor().return_path
    set_return_path(visitor(), None)
    return redirect(local_path(wanted, default=url_for("gate.home")))


@blueprint.post("/shift/end")
def end_shift() -> ResponseReturnValue:
    member = member_of(Role.CHECKPOINT)
    shifts.end_shift(dependencies(), member, actor=actor(member))
    return redirect(url_for("gate.home"))


@blueprint.get("/passages")
def passages() -> ResponseReturnValue:
    member = member_of(Role.CHECKPOINT)
    before = request.args.get("before", type=int)
    today = passages_of_day(dependencies(), member, limit=_PAGE_SIZE, before_id=before)
    return render_template("gate/passages.html", member=member, today=today)
