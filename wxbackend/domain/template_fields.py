"""What the fields of a WeChat template take, by their kinds. Source: wechat.md section 5.4.

One field that does not fit makes WeChat refuse the whole message (47003), so it is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

_HAN = "\u4e00-\u9fff"
_KIND = re.compile(r"([a-z_]+?)([0-9]{1,3})")
_DAY = r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_MOMENT = re.compile(rf"{_DAY}(?:\s*{_CLOCK})?")
_ELLIPSIS = "…"
_LONGEST_TEXT, _LONGEST_STRING, _LONGEST_PHRASE = 20, 32, 5
_LONGEST_NAME, _LONGEST_HAN_NAME = 20, 10


def kind_of(field: str) -> str | None:
    """`thing` for `thing2`; nothing for a field of no kind that we know."""
    found = _KIND.fullmatch(field)
    return found[1] if found and found[1] in _TAKES else None


def fit_field(field: str, value: str) -> str:
    """The value on one line, and as short as the field wants it where cutting leaves sense."""
    kind, text = kind_of(field), re.sub(r"\s+", " ", value).strip()
    if kind in {"thing", "const"} and len(text) > _LONGEST_TEXT:
        return text[: _LONGEST_TEXT - 1] + _ELLIPSIS
    if kind == "phrase":
        return text[:_LONGEST_PHRASE]
    if kind == "character_string":
        return text[:_LONGEST_STRING]
    if kind == "name":
        is_han = re.search(f"[{_HAN}]", text) is not None
        return text[: _LONGEST_HAN_NAME if is_han else _LONGEST_NAME]
    return text


def field_takes(field: str, value: str) -> bool:
    kind = kind_of(field)
    return kind is not None and _TAKES[kind](value)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _is_moment(value: str) -> bool:
    """A day, or a day and a time, that the calendar has."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        return False
    try:
        date(*(int(part) for part in found.groups()))
    except ValueError:
        return False
    return True


_is_clock = _matches(_CLOCK)
_TAKES: dict[str, Callable[[str], bool]] = {
    "thing": _matches(rf"[^\r\n]{{1,{_LONGEST_TEXT}}}"),
    "const": _matches(rf"[^\r\n]{{1,{_LONGEST_TEXT}}}"),
    "character_string": _matches(rf"[\x21-\x7e]{{1,{_LONGEST_STRING}}}"),
    "number": _matches(r"[+-]?\d{1,32}(?:\.\d+)?"),
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "phrase": _matches(rf"[{_HAN}]{{1,{_LONGEST_PHRASE}}}"),
    "car_number": _matches(rf"[{_HAN}A-Za-z0-9][A-Za-z0-9]{{0,6}}[{_HAN}A-Za-z0-9]?"),
    "name": _matches(rf"[{_HAN}·]{{1,10}}|[A-Za-z .·'\-]{{1,20}}"),
    "phone_number": _matches(r"[\d+\-()# ]{1,17}"),
    "time": lambda value: _is_clock(value) or _is_moment(value),
    "date": _is_moment,
}
