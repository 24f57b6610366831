"""The OpenAPI document, made of the routes and what they declare: there is no other source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from handlers.api.operations import JSON, Operation, operation_of
from handlers.api.repeats import HEADER, KEY_PATTERN
from handlers.api.shapes import PUBLIC_ID, Asked, Problem
from handlers.guards import guard_of
from wxbackend.domain.reservation import ImageKind

PREFIX = "/api/v1"
OPEN_GUARD = "anybody"
_VERSION = "1.0.0"
_REFS = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_PROBLEMS = {
    400: "The request is malformed, or its Idempotency-Key is missing.",
    401: "No token, or one that does not live.",
    403: "The token's person has not this role, or must do something first.",
    404: "Not there, or not this person's.",
    409: "The thing has moved on, or the same request is still at work.",
    413: "Too large.",
    415: "Not the content type that is taken.",
    422: "Fields are wrong, or the Idempotency-Key came before with another request.",
    429: "Too often; try again later.",
    503: "A platform that is needed does not answer; try again later.",
}

Schema = dict[str, Any]


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """(route, method, contract) of the whole API, in the order of their addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        contract = operation_of(app.view_functions[rule.endpoint])
        if contract is not None:
            for method in sorted(rule.methods or ()):
                if method not in {"HEAD", "OPTIONS"}:
                    yield rule, method, contract


def openapi(app: Flask, *, title: str, server: str) -> Schema:
    """The document; `server` is the address that the paths follow."""
    found = list(operations(app))
    shapes = _shapes(contract for _, _, contract in found)
    modes = [(shape, _mode(shape)) for shape in shapes]
    references, definitions = models_json_schema(modes, ref_template=_REFS)
    paths: dict[str, Schema] = {}
    for rule, method, contract in found:
        described = _described(app, rule, contract, references)
        paths.setdefault(_path(rule), {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": _VERSION},
        "servers": [{"url": server + PREFIX}],
        "paths": paths,
        "components": {
            "schemas": _without_titles(definitions["$defs"]),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _without_titles(schema: Any) -> Any:
    """Without what only repeats the names (a field called title stays)."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_titles(value)
        for name, value in schema.items()
        if name != "title" or not isinstance(value, str)
    }


def _shapes(contracts: Iterator[Operation]) -> list[type[BaseModel]]:
    shapes: dict[type[BaseModel], None] = {Problem: None}
    for contract in contracts:
        for shape in (contract.takes, contract.gives):
            if isinstance(shape, type):
                shapes[shape] = None
    return list(shapes)


def _mode(shape: type[BaseModel]) -> Any:
    return "validation" if issubclass(shape, Asked) else "serialization"


def _path(rule: Rule) -> str:
    return _PARAMETER.sub(r"{\g<name>}", rule.rule.removeprefix(PREFIX))


def _described(app: Flask, rule: Rule, contract: Operation, references: Any) -> Schema:
    blueprint, _, _name = rule.endpoint.rpartition(".")
    guard = guard_of(app.blueprints[blueprint]) or ""
    is_open = guard == OPEN_GUARD
    described: Schema = {
        "operationId": rule.endpoint,
        "tags": [blueprint.removeprefix("api_")],
        "summary": contract.summary,
        "description": cleandoc(app.view_functions[rule.endpoint].__doc__ or ""),
        "x-guard": guard,
        "security": [] if is_open else [{"token": []}],
        "parameters": [*_path_parameters(rule), *_other_parameters(contract)],
        "responses": _responses(rule, contract, references, is_open=is_open),
    }
    body = _body(contract, references)
    return described | ({"requestBody": body} if body else {})


def _path_parameters(rule: Rule) -> Iterator[Schema]:
    for match in _PARAMETER.finditer(rule.rule):
        name = match["name"]
        schema: Schema = {"type": "string", "minLength": 1}
        if name.endswith("_id"):
            schema = {"type": "string", "pattern": PUBLIC_ID}
        if name == "kind":
            schema = {"type": "string", "enum": [kind.value for kind in ImageKind]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _other_parameters(contract: Operation) -> Iterator[Schema]:
    if contract.query is not None:
        schema = contract.query.model_json_schema(ref_template=_REFS)
        for name, property_ in schema["properties"].items():
            required = name in schema.get("required", ())
            yield {
                "name": name,
                "in": "query",
                "required": required,
                "schema": _without_titles(property_),
            }
    if contract.is_once:
        yield {
            "name": HEADER,
            "in": "header",
            "required": True,
            "description": "New for every write; the same again to repeat it.",
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        }


def _body(contract: Operation, references: Any) -> Schema | None:
    if contract.takes is not None:
        reference = references[contract.takes, _mode(contract.takes)]
        return {"required": True, "content": {JSON: {"schema": reference}}}
    if contract.uploads:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema = {
            "type": "object",
            "properties": {contract.uploads: file},
            "required": [contract.uploads],
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return None


def _responses(rule: Rule, contract: Operation, references: Any, *, is_open: bool) -> Schema:
    done: Schema = {"description": contract.summary}
    if isinstance(contract.gives, str):
        file = {"type": "string", "contentMediaType": contract.gives}
        done["content"] = {contract.gives: {"schema": file}}
    elif contract.gives is not None:
        reference = references[contract.gives, _mode(contract.gives)]
        done["content"] = {JSON: {"schema": reference}}
    problem = {"schema": references[Problem, "serialization"]}
    refused = {
        str(status): {
            "description": _PROBLEMS[status],
            "content": {"application/problem+json": problem},
        }
        for status in sorted(_refusals(rule, contract, is_open=is_open))
    }
    return {str(contract.status): done} | refused


def _refusals(rule: Rule, contract: Operation, *, is_open: bool) -> set[int]:
    statuses = {429, *contract.refuses}
    if not is_open:
        statuses |= {401, 403}
    if contract.takes or contract.query:
        statuses.add(422)
    if contract.takes or contract.uploads:
        statuses |= {400, 413, 415}
    if contract.is_once:
        statuses |= {400, 409, 413, 422}
    if rule.arguments:
        statuses.add(404)
    return statuses
