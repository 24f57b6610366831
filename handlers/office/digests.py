"""专班简报: past digests, what they said, and their Excel files."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.downloads import send_made_file
from handlers.guards import guarded
from handlers.office.lists import FilterFields, read_asked
from handlers.office.shell import member_with, office_members
from wxbackend.domain.roles import Right
from wxbackend.services.digest_views import download_digest, list_past_digests, show_digest

blueprint = guarded(
    Blueprint("office_digests", __name__, url_prefix="/office/digests"),
    office_members(Right.VIEW_NOTIFICATIONS),
)
_FIELDS = FilterFields("digests", open=(), sorts=("decided_at",))


@blueprint.get("")
@blueprint.get("/<public_id>")
def index(public_id: str = "") -> ResponseReturnValue:
    past = list_past_digests(dependencies())
    public_id = public_id or (past[0].public_id if past else "")
    asked = read_asked(_FIELDS, member_with(Right.VIEW_NOTIFICATIONS))
    detail = show_digest(dependencies(), public_id, asked.page) if public_id else None
    return render_template("office/digests.html", past=past, detail=detail, args=request.args)


@blueprint.post("/<public_id>/file")
def file(public_id: str) -> ResponseReturnValue:
    member = member_with(Right.VIEW_NOTIFICATIONS)
    return send_made_file(
        lambda path: download_digest(dependencies(), public_id, path, actor=actor(member))
    )
