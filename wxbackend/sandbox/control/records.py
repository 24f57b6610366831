"""The inbox, the journal and uploaded files."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO

from flask import Blueprint, Response, jsonify, request, send_file

from wxbackend.sandbox.control.asking import ControlError, number_in_query, refuse
from wxbackend.sandbox.exchange import this_world

blueprint = Blueprint("control_records", __name__, url_prefix="/sandbox")
blueprint.register_error_handler(ControlError, refuse)

CHANNELS = ("sms", "yuezhengyi", "wechat")


@blueprint.get("/messages")
def messages() -> Response:
    """Delivered messages, oldest first; `after` and `limit` keep the newest ones."""
    channel = request.args.get("channel")
    if channel not in {None, *CHANNELS}:
        raise ControlError(f"channel must be one of {', '.join(CHANNELS)}")
    found = this_world().inbox.read(
        channel,
        request.args.get("to"),
        after=number_in_query("after", 0) or 0,
        limit=number_in_query("limit", None),
    )
    return jsonify([asdict(message) for message in found])


@blueprint.delete("/messages")
def delete_messages() -> tuple[str, int]:
    this_world().inbox.clear()
    this_world().turn_page()
    return "", 204


@blueprint.get("/calls")
def calls() -> Response:
    """Calls received, oldest first; `path` keeps those whose path contains it."""
    found = this_world().journal.read(
        request.args.get("target"),
        request.args.get("path"),
        after=number_in_query("after", 0) or 0,
        limit=number_in_query("limit", None),
    )
    return jsonify([asdict(call) for call in found])


@blueprint.delete("/calls")
def delete_calls() -> tuple[str, int]:
    this_world().journal.clear()
    this_world().turn_page()
    return "", 204


@blueprint.get("/media/<media_id>")
def media(media_id: str) -> Response:
    """A file that was uploaded to 粤政易, for whoever got it."""
    found = this_world().yuezhengyi.find_file(media_id)
    if found is None:
        response = jsonify(error="no such file, or it is older than three days")
        response.status_code = 404
        return response
    return send_file(BytesIO(found.content), as_attachment=True, download_name=found.file_name)
