"""The API's document, for programs and for people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from handlers.api.document import openapi
from handlers.api.guards import anybody
from handlers.context import dependencies
from handlers.guards import guarded
from handlers.presentation import word

blueprint = guarded(Blueprint("api_docs", __name__, url_prefix="/api/v1"), anybody)


# As somebody reads who begins: signing in first.
_TAGS = (
    *("sign_in", "me", "places"),
    *("driver_drafts", "driver_reservations", "driver_prepared"),
    *("gate", "gate_scans"),
    *("lead", "lead_employees", "lead_reservations", "lead_prepared"),
)


@blueprint.get("/openapi.json")
def document() -> ResponseReturnValue:
    return jsonify(_document())


@blueprint.get("/docs")
def page() -> ResponseReturnValue:
    document = _document()
    groups: dict[str, list[tuple[str, str, Any]]] = {tag: [] for tag in _TAGS}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append((path, method, operation))
    return render_template("api/docs.html", document=document, groups=groups)


def _document() -> dict[str, Any]:
    return openapi(current_app, title=word("api.title"), server=dependencies().public_base_url)
