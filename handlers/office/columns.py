"""Which columns of a list are shown: what its address says, by their numbers."""

from __future__ import annotations

from flask import request

HIDE = "hide"
_MOST_COLUMNS = 20


def hidden_columns() -> list[str]:
    """The class names of a table whose columns are partly hidden: no-3, no-7."""
    return [f"no-{number}" for number in sorted(_hidden())]


def with_column_turned(number: int) -> str:
    """What the address says when this column is hidden now, or shown again."""
    return ".".join(map(str, sorted(_hidden() ^ {number})))


def _hidden() -> set[int]:
    parts = request.args.get(HIDE, "").split(".")
    numbers = {int(part) for part in parts if part.isascii() and part.isdecimal()}
    return {number for number in numbers if 1 < number < _MOST_COLUMNS}
