"""Reads what was asked of the control API, and says clearly what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from flask import Response, jsonify, request


class ControlError(Exception):
    """Bad control input, in words for the one who sent it."""


def refuse(error: Exception) -> Response:
    response = jsonify(error=str(error))
    response.status_code = 400
    return response


def body() -> dict[str, Any]:
    """The posted JSON object.

    Raises:
        ControlError: it is not one.
    """
    try:
        payload = json.loads(request.get_data())
    except ValueError:
        raise ControlError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise ControlError("the body is not a JSON object")
    return payload


def only(payload: dict[str, Any], allowed: Collection[str]) -> None:
    """Let a payload with known fields alone pass: a mistyped field must not be ignored."""
    unknown = sorted(set(payload) - set(allowed))
    if unknown:
        raise ControlError(f"unknown field {unknown[0]}; known are {', '.join(allowed)}")


def one_of(payload: dict[str, Any], name: str, *, among: Collection[str]) -> str:
    value = payload.get(name)
    if value not in among:
        raise ControlError(f"{name} must be one of {', '.join(among)}")
    return str(value)


def text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name, "")
    if not isinstance(value, str):
        raise ControlError(f"{name} must be a text")
    return value


def count(payload: dict[str, Any], name: str = "count") -> int | None:
    """A whole number from 1, by default 1; null means without end."""
    value = payload.get(name, 1)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ControlError(f"{name} must be a whole number from 1, or null for no end")
    return value


def number_in_query(name: str, default: int | None) -> int | None:
    value = request.args.get(name)
    if value is None:
        return default
    if not value.isdecimal():
        raise ControlError(f"{name} must be a whole number")
    return int(value)
