"""What a list of notifications is asked for, read from the texts of an address or form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from wxbackend.domain.moments import day_bounds, parse_day
from wxbackend.domain.normalisation import clean_code, clean_name, clean_text
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState

# Asked for as a state, though it is several: what waits for a person.
WAITING = "waiting"
COUNTED_IN_MENU = timedelta(days=30)
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """`start` is included, `end` is not; what is empty or None asks for nothing.

    `is_waiting` asks for what waits for a person, whatever `state` says.
    """

    start: datetime
    end: datetime
    state: NotificationState | None = None
    is_waiting: bool = False
    channel: Channel | None = None
    kind: NotificationKind | None = None
    unit: str = ""
    name: str = ""
    phone: str = ""
    plate: str = ""


def days_asked(values: Mapping[str, str], *, today: date) -> tuple[date, date]:
    """First and last day: yesterday and today unless others are given; nonsense gives nothing.

    What waits for a person is asked for as far back as the menu counts it.
    """
    first, last = parse_day(values.get("from", "")), parse_day(values.get("to", ""))
    if first is None and last is None:
        is_waiting = values.get("state") == WAITING
        return today - (COUNTED_IN_MENU if is_waiting else timedelta(days=1)), today
    first, last = first or last or today, last or max(first or today, today)
    return min(first, last), max(first, last)


def read_filter(values: Mapping[str, str], *, today: date) -> NotificationFilter:
    """Nonsense asks for nothing: it came from an address."""
    first, last = days_asked(values, today=today)
    return NotificationFilter(
        start=day_bounds(first)[0],
        end=day_bounds(last)[1],
        state=_choice(NotificationState, values.get("state", "")),
        is_waiting=values.get("state", "") == WAITING,
        channel=_choice(Channel, values.get("channel", "")),
        kind=_choice(NotificationKind, values.get("kind", "")),
        unit=clean_text(values.get("unit", "")),
        name=clean_name(values.get("name", "")),
        phone=clean_code(values.get("phone", "")).removeprefix("+86"),
        plate=clean_code(values.get("plate", "")),
    )


def _choice(kind: type[Choice], text: str) -> Choice | None:
    try:
        return kind(text)
    except ValueError:
        return None
