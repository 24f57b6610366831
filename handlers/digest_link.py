"""The link in a digest's message: the details for the recipient, without an account."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, source_address
from handlers.downloads import send_made_file
from handlers.guards import anyone, guarded
from wxbackend.domain.listing import PageRequest
from wxbackend.logs import request_id
from wxbackend.services.digest_views import (
    digest_of_link,
    download_digest,
    recipient_actor,
    show_digest,
)

blueprint = guarded(Blueprint("digest_link", __name__, url_prefix="/digest"), anyone)
_ROWS = 50
_MOST_PAGES = 2000


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    public_id, name = digest_of_link(dependencies(), token)
    number = min(max(1, request.args.get("page", 1, type=int)), _MOST_PAGES)
    detail = show_digest(dependencies(), public_id, PageRequest(number, _ROWS))
    return render_template("digest/link.html", detail=detail, name=name, token=token)


@blueprint.post("/<token>/file")
def file(token: str) -> ResponseReturnValue:
    public_id, name = digest_of_link(dependencies(), token)
    actor = recipient_actor(name, source=source_address(), request_id=request_id.get())
    return send_made_file(
        lambda path: download_digest(dependencies(), public_id, path, actor=actor)
    )
