"""The files at the root by which WeChat proves that the domain is ours."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from handlers.context import web_settings
from handlers.guards import anyone, guarded

blueprint = guarded(Blueprint("domain_verification", __name__), anyone)


@blueprint.get("/MP_verify_<word>.txt")
def show(word: str) -> Response:
    """One of the configured files, and no other."""
    content = web_settings().verification_files.get(f"MP_verify_{word}.txt")
    if content is None:
        abort(404)
    return Response(content, mimetype="text/plain")
