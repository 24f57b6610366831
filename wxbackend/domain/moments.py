"""Moments and local days: stored as UTC, typed and shown in the district's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wxbackend.domain.errors import InvalidValue

DISTRICT_TIME = ZoneInfo("Asia/Shanghai")


def to_local(moment: datetime) -> datetime:
    return moment.astimezone(DISTRICT_TIME)


def local_day(moment: datetime) -> date:
    return to_local(moment).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Start (included) and end (excluded) of a local day, in UTC."""
    start = datetime.combine(day, time(), DISTRICT_TIME).astimezone(UTC)
    return start, start + timedelta(days=1)


def parse_day(text: str) -> date | None:
    """The day that a date field sends; nothing for nonsense, or where a moment has no UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def parse_local_minute(text: str) -> datetime:
    """`2022-04-22T14:30`, as an `<input type=datetime-local>` sends it, in UTC.

    Raises: InvalidValue.
    """
    if not text:
        raise InvalidValue("arrival_at.missing")
    try:
        local = datetime.fromisoformat(text.strip().replace("/", "-").replace(" ", "T"))
    except ValueError:
        raise InvalidValue("arrival_at.format") from None
    if local.tzinfo is not None or not 2000 <= local.year <= 2100:
        raise InvalidValue("arrival_at.format")
    return local.replace(tzinfo=DISTRICT_TIME).astimezone(UTC)


def format_second(moment: datetime) -> str:
    """`2022-04-20 12:00:00` in local time, as notifications and records print it."""
    return to_local(moment).strftime("%Y-%m-%d %H:%M:%S")
