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


@blueprint.get("/openapi.json")
def document() -> ResponseReturnValue:
    return jsonify(_document())


@blueprint.get("/docs")
def page() -> ResponseReturnValue:
    return render_template("api/docs.html", document=_document())


def _document() -> dict[str, Any]:
    return openapi(current_app, title=word("api.title"), server=dependencies().public_base_url)
