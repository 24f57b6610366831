"""An operation of the API: what it takes and gives, declared beside its route.

The declaration parses requests, shapes answers, and is what the OpenAPI document is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from handlers.api.repeats import once
from handlers.api.shapes import Answer, Asked
from handlers.context import dependencies, web_settings
from handlers.refusals import refuse
from wxbackend.domain.errors import InvalidForm, InvalidValue

JSON = "application/json"
MULTIPART = "multipart/form-data"
_ROOM_AROUND_A_FILE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """One route's contract. `gives` is a shape, a media type, or nothing.

    `is_once` operations change something: they carry an Idempotency-Key. `refuses` are statuses
    besides those that every operation of its kind may answer.
    """

    summary: str
    takes: type[Asked] | None
    query: type[Asked] | None
    uploads: str
    gives: type[Answer] | str | None
    status: int
    is_once: bool
    refuses: frozenset[int]


def operation(
    summary: str,
    *,
    takes: type[Asked] | None = None,
    query: type[Asked] | None = None,
    uploads: str = "",
    gives: type[Answer] | str | None = None,
    status: int = 0,
    is_once: bool = False,
    refuses: tuple[int, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:
    """Declare a route's contract; its function gets `body` and `query` as shapes.

    `uploads` names the file field of a multipart body, which the function reads itself.
    """
    usual = 200 if gives else 204
    contract = Operation(
        summary, takes, query, uploads, gives, status or usual, is_once, frozenset(refuses)
    )

    def declare(function: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        @wraps(function)
        def run(**arguments: Any) -> ResponseReturnValue:
            if contract.uploads:
                most = web_settings().most_upload_bytes
                request.max_content_length = most + _ROOM_AROUND_A_FILE

            def act() -> Response:
                return _answer(contract, function(**arguments, **_parsed(contract)))

            return once(act) if contract.is_once else act()

        run.wxbackend_operation = contract  # type: ignore[attr-defined]
        return run

    return declare


def operation_of(function: Callable[..., Any]) -> Operation | None:
    return getattr(function, "wxbackend_operation", None)


class BadJson(Exception):
    """The body says that it is JSON, and is not."""


class OtherContent(Exception):
    """The body is of a type that is not taken."""


def refuse_json(_error: BadJson) -> ResponseReturnValue:
    return refuse("json_invalid", 400)


def refuse_type(_error: OtherContent) -> ResponseReturnValue:
    return refuse("http_415", 415)


def _parsed(contract: Operation) -> dict[str, Asked]:
    parsed: dict[str, Asked] = {}
    if contract.query is not None:
        parsed["query"] = _checked(
            contract.query, lambda shape: shape.model_validate_strings(request.args.to_dict())
        )
    if contract.uploads and request.mimetype != MULTIPART:
        raise OtherContent
    if contract.takes is not None:
        if request.mimetype != JSON:
            raise OtherContent
        content = request.get_data()
        parsed["body"] = _checked(contract.takes, lambda shape: shape.model_validate_json(content))
    return parsed


def _checked(shape: type[Asked], parse: Callable[[type[Asked]], Asked]) -> Asked:
    """Raises: BadJson, InvalidForm."""
    try:
        return parse(shape)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_context=False, include_input=False)
    if any(error["type"] == "json_invalid" for error in found):
        raise BadJson
    raise InvalidForm({_field(error["loc"]): _problem(error["type"]) for error in found})


def _field(path: tuple[str | int, ...]) -> str:
    """`passengers-0-name`: the name that the form's field has."""
    return "-".join(str(part) for part in path)


def _problem(kind: str) -> InvalidValue:
    """Words for what a person can mend; the rest is the program's own mistake."""
    known = f"api.{kind}"
    is_known = f"error.{known}" in dependencies().gateways.wording
    return InvalidValue(known if is_known else "api.shape")


def _answer(contract: Operation, found: Any) -> Response:
    if isinstance(found, Response):
        return found
    if contract.gives is None:
        return make_response("", contract.status)
    if isinstance(contract.gives, str):
        raise TypeError(f"{contract.summary}: no answer of kind {contract.gives}")
    content = contract.gives.model_validate(found).model_dump_json()
    return Response(content, status=contract.status, mimetype=JSON)
