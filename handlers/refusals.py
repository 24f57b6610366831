"""Errors as people and programs see them: one table from codes to HTTP status, one Chinese page."""

from __future__ import annotations

import logging

from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from handlers.context import dependencies, is_api, visitor
from wxbackend.domain.errors import (
    Conflict,
    Forbidden,
    InvalidForm,
    InvalidValue,
    NotFound,
    ProductError,
    TooMany,
)
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.logs import request_id
from wxbackend.services.api_requests import KeyReused
from wxbackend.services.api_tokens import MiniProgramUnavailable, ProgramCodeRefused
from wxbackend.services.export_files import ExportEnded
from wxbackend.services.identity import IdentityUnavailable
from wxbackend.services.scans import UnknownCode

_log = logging.getLogger(__name__)

# The first class that fits gives the status.
_STATUS: tuple[tuple[type[ProductError], int], ...] = (
    (UnknownCode, 404),
    (KeyReused, 422),
    (ProgramCodeRefused, 401),
    (MiniProgramUnavailable, 503),
    (NotFound, 404),
    (Forbidden, 403),
    (TooMany, 429),
    (Conflict, 409),
    (ExportEnded, 410),
    (IdentityUnavailable, 503),
    (ProductError, 400),
)


def refuse(code: str, status: int, **facts: object) -> ResponseReturnValue:
    """The page (or problem+json) that says why, by the wording's `refusal.<code>`."""
    wording = dependencies().gateways.wording
    title = wording.text(f"refusal.{code}.title", **facts)
    text = wording.text(f"refusal.{code}.text", **facts)
    if wants_json():
        answer = jsonify(type=f"/errors/{code}", title=title, detail=text, status=status, code=code)
        answer.content_type = "application/problem+json"
    else:
        in_office = request.path.startswith("/office") and bool(visitor().members)
        answer = make_response(
            render_template(
                "office/refusal.html" if in_office else "errors/refusal.html",
                title=title,
                text=text,
                code=code,
                facts=facts,
                reference=request_id.get() if status >= 500 else "",
            )
        )
    answer.status_code = status
    return answer


def refuse_form(errors: InvalidForm | InvalidValue, field: str = "") -> ResponseReturnValue:
    """Wrong fields for a script: problem+json with a sentence per field."""
    found = errors.errors if isinstance(errors, InvalidForm) else {field: errors}
    sentences = {name: sentence_of(error) for name, error in found.items()}
    wording = dependencies().gateways.wording
    answer = jsonify(
        type="/errors/invalid",
        title=wording.text("refusal.invalid.title"),
        detail=sentences.get("") or wording.text("refusal.invalid.text"),
        status=422,
        code=found[""].code if "" in found else "invalid",
        errors=sentences,
    )
    answer.content_type = "application/problem+json"
    answer.status_code = 422
    return answer


def sentence_of(error: InvalidValue) -> str:
    return dependencies().gateways.wording.text(f"error.{error.code}", **error.facts)


def wants_json() -> bool:
    if is_api():
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def register_refusals(app: Flask) -> None:
    @app.errorhandler(ProductError)
    def product_error(error: ProductError) -> ResponseReturnValue:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return refuse(error.code, status, **error.facts)

    @app.errorhandler(GatewayError)
    @app.errorhandler(LockNotFree)
    def outside_is_away(error: GatewayError | LockNotFree) -> ResponseReturnValue:
        _log.warning("an outside system was needed and away", extra={"said": str(error)})
        return refuse("http_503", 503)

    @app.errorhandler(CSRFError)
    def csrf_error(_error: CSRFError) -> ResponseReturnValue:
        return refuse("csrf", 400)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if error.response is not None or 300 <= status < 400:
            return error
        known = {400, 404, 405, 413, 415, 429, 500, 503}
        answer = make_response(refuse(f"http_{status if status in known else 400}", status))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    @app.errorhandler(Exception)
    def unexpected(_error: Exception) -> ResponseReturnValue:
        _log.exception("unexpected error", extra={"rule": str(request.url_rule)})
        return refuse("http_500", 500)
