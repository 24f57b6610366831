"""Which reservations a list, its counts and its export ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wxbackend.domain.moments import day_bounds, parse_day
from wxbackend.domain.normalisation import clean_code, clean_name, clean_text
from wxbackend.domain.reservation import ReservationState

OTHER_REASON = "other"  # a reason in free words, none of the configured list
_SEPARATORS = str.maketrans("", "", "·•‧・.-")


class TimeBasis(StrEnum):
    """Which moment a range of days is about; lists are ordered by it too, newest first."""

    ARRIVAL = "arrival"
    CREATED = "created"
    DECIDED = "decided"


# What narrows a list by when it was; without any of these (or a person or enterprise asked for)
# a list begins with today.
_TIME_FIELDS = ("basis", "first", "last")
_WHOLE_HISTORY_FIELDS = ("enterprise",)


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Every condition that is not empty narrows the list; [start, end) in UTC, by `basis`.

    `enterprise_part` is part of a matched enterprise's name, `enterprise` its public id.
    `number` is an identity or phone number, whole or its last four characters.
    """

    basis: TimeBasis = TimeBasis.ARRIVAL
    start: datetime | None = None
    end: datetime | None = None
    state: ReservationState | None = None
    town_id: int | None = None
    checkpoint_id: int | None = None
    is_matched: bool | None = None
    enterprise_part: str = ""
    enterprise: str = ""
    reason: str = ""
    is_corrected: bool | None = None
    plate_part: str = ""
    name_prefix: str = ""
    number: str = ""
    enterprise_ids: tuple[int, ...] | None = None  # those meant, once looked up and found few


def with_usual_days(values: Mapping[str, str], *, today: date) -> dict[str, str]:
    """The fields of a list with today filled in, where nothing says which time is meant.

    Today by the planned arrival is what an office works on: who is due, who has come, who was
    refused. Days by submission would miss those who booked yesterday for today, days by passage
    everybody who has not come yet. `basis` alone asks for all days.
    """
    filled = dict(values)
    filled["basis"] = _basis(values.get("basis", "")).value
    if not any(values.get(name) for name in (*_TIME_FIELDS, *_WHOLE_HISTORY_FIELDS)):
        filled["first"] = filled["last"] = today.isoformat()
    return filled


def parse_filter(values: Mapping[str, str]) -> ReservationFilter:
    """What the fields of a list's address mean; nonsense in an address asks for nothing."""
    get = values.get
    first, last = parse_day(get("first", "")), parse_day(get("last", ""))
    if first and last and first > last:
        first, last = last, first
    return ReservationFilter(
        basis=_basis(get("basis", "")),
        start=day_bounds(first)[0] if first else None,
        end=day_bounds(last)[1] if last else None,
        state=_state(get("state", "")),
        town_id=_id(get("town", "")),
        checkpoint_id=_id(get("checkpoint", "")),
        is_matched=_flag(get("matched", "")),
        enterprise_part=clean_text(get("company", "")),
        enterprise=get("enterprise", ""),
        reason=clean_text(get("reason", "")),
        is_corrected=_flag(get("corrected", "")),
        plate_part=clean_code(get("plate", "")).translate(_SEPARATORS),
        name_prefix=clean_name(get("name", "")),
        number=clean_code(get("number", "")),
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _flag(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _basis(text: str) -> TimeBasis:
    return TimeBasis(text) if text in set(TimeBasis) else TimeBasis.ARRIVAL


def _state(text: str) -> ReservationState | None:
    return ReservationState(text) if text in set(ReservationState) else None
