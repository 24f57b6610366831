"""What WeChat allows in each field of a template message."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

CHINESE = "\u4e00-\u9fff"
_DAY = r"(?P<{0}y>\d{{4}})(?:年|[-/.])(?P<{0}m>\d{{1,2}})(?:月|[-/.])(?P<{0}d>\d{{1,2}})日?"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"


def _moments(day: str, clock: str) -> re.Pattern[str]:
    """One moment, or two with a ~ between."""
    one = f"{day}(?:\\s*{clock})?" if clock else day
    two = one.replace("<a", "<b")
    return re.compile(f"(?:{one})(?:\\s*~\\s*(?:{two}))?")


_DATE = _moments(_DAY.format("a"), _CLOCK)
_TIME = re.compile(f"(?:{_CLOCK}|{_DATE.pattern})(?:\\s*~\\s*{_CLOCK})?")


def _real_days(match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    parts = match.groupdict()
    for moment in "ab":
        if parts.get(f"{moment}y"):
            try:
                date(*(int(parts[f"{moment}{unit}"]) for unit in "ymd"))
            except ValueError:
                return False
    return True


def _fits(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


RULES: dict[str, Callable[[str], bool]] = {
    "thing": _fits(r"[^\r\n]{1,20}"),
    "number": _fits(r"[+-]?\d{1,32}(?:\.\d+)?"),
    "letter": _fits(r"[A-Za-z]{1,32}"),
    "symbol": _fits(rf"[^\sA-Za-z0-9{CHINESE}]{{1,5}}"),
    "character_string": _fits(r"[\x21-\x7e]{1,32}"),
    "time": lambda value: _real_days(_TIME.fullmatch(value)),
    "date": lambda value: _real_days(_DATE.fullmatch(value)),
    "amount": _fits(rf"[^\d\s]?\d{{1,10}}(?:\.\d+)?[{CHINESE}]?"),
    "phone_number": _fits(r"[\d+\-()# ]{1,17}"),
    "car_number": _fits(rf"[{CHINESE}A-Za-z0-9][A-Za-z0-9]{{0,6}}[{CHINESE}A-Za-z0-9]?"),
    "name": _fits(rf"[{CHINESE}·]{{1,10}}|[A-Za-z .·'\-]{{1,20}}"),
    "phrase": _fits(rf"[{CHINESE}]{{1,5}}"),
    "const": _fits(r"[^\r\n]{1,20}"),
}


def fits(kind: str, value: str) -> bool:
    """Whether a field of this kind may hold the value. Source: wechat.md 5.4."""
    return RULES[kind](value)
