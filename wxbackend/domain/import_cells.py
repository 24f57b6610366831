"""One cell of a real-life file: what people and Excel put there, read as what they meant."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.identity_documents import IdentityDocument, IdType, parse_document
from wxbackend.domain.import_columns import DOSE_COUNTERS, DOSE_NUMERALS, RESULT_WORDS
from wxbackend.domain.moments import DISTRICT_TIME, local_day
from wxbackend.domain.normalisation import clean_code, clean_text
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.phones import parse_mobile

Cell = str | int | float | datetime | date | time | timedelta | None

_FORMULA_STARTS = ("=", "＝")
_ERROR_VALUES = frozenset(
    {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"}
)
# 4.40115E+17, 4.40115199001E17, 440115199001011000.0: Excel's view of a long number.
_SPOILT_NUMBER = re.compile(r"[0-9]\.[0-9]+E\+?[0-9]{1,3}|[0-9]+E\+[0-9]{1,3}|[0-9]{12,}\.0*")
_EMPTY_FRACTION = re.compile(r"\.0*$")
# Nobody's passport has eleven digits and more: it is a resident ID with a digit lost or doubled.
_LIKE_RESIDENT_ID = re.compile(r"[0-9].{17}|[0-9]{11,}X?")
_RESIDENT_KINDS = (IdType.RESIDENT_ID, IdType.FOREIGN_PERMANENT_RESIDENT_ID)
_OTHER_KINDS = tuple(kind for kind in IdType if kind is not IdType.RESIDENT_ID)

_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:[-/.]|年)\s?(?P<month>\d{1,2})(?:[-/.]|月)\s?(?P<day>\d{1,2})日?"
    r"(?:(?:(?<=日)\s?|T|\s)"
    r"(?P<hour>\d{1,2})(?:[时点]|[时点:]\s?(?P<minute>\d{1,2})分?"
    r"(?:(?:(?<=分)\s?|:)(?P<second>\d{1,2})(?:\.\d+)?秒?)?))?"
    r"\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_DIGITS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[T\s]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?P<zone>)"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
# Excel counts days from here; the day it invents (1900-02-29) is long before any of ours.
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 – a cell's time has no zone
_EXCEL_FIRST, _EXCEL_END = 36526, 73051  # 2000-01-01, 2100-01-01
_EARLIEST_YEAR = 2000
_ALLOWED_AHEAD = timedelta(days=1)  # a laboratory's clock or its time zone may be off

_DOSE = re.compile(rf"第?([1-9]|[{''.join(DOSE_NUMERALS)}])(?:\.0+)?(?:{'|'.join(DOSE_COUNTERS)})?")


def is_blank(cell: Cell) -> bool:
    """Nothing to see in it: empty, spaces, or characters without a shape."""
    return cell is None or (isinstance(cell, str) and not clean_text(cell))


def plain_text(cell: Cell) -> str:
    """The cell as text, as Excel would show it at full width.

    Raises: InvalidValue for a formula without a value and for Excel's own error values.
    """
    if isinstance(cell, str):
        return _checked_text(cell)
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _checked_text(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith(_FORMULA_STARTS):
        raise InvalidValue("import.cell.formula")
    if stripped in _ERROR_VALUES:
        raise InvalidValue("import.cell.error")
    return stripped.removeprefix("'")  # a CSV file's mark for “this is text”


def parse_text(cell: Cell, *, longest: int) -> str:
    """One line of free text, perhaps empty. Raises: InvalidValue."""
    text = clean_text(plain_text(cell))
    if len(text) > longest:
        raise InvalidValue("text.too_long", longest=longest)
    return text


def parse_needed_text(cell: Cell, *, longest: int) -> str:
    """Raises: InvalidValue."""
    text = parse_text(cell, longest=longest)
    if not text:
        raise InvalidValue("text.missing")
    return text


def long_number(cell: Cell, *, name: str) -> str:
    """The text of a number longer than Excel can count: as a number it has lost its last digits.

    Raises: InvalidValue(import.NAME.number).
    """
    text = clean_code(plain_text(cell))
    if isinstance(cell, (int, float)) or _SPOILT_NUMBER.fullmatch(text):
        raise InvalidValue(f"import.{name}.number")
    return text


def parse_phone(cell: Cell) -> str:
    """Eleven digits fit into Excel's numbers; only their shortened text (1.38E+10) lost some.

    Raises: InvalidValue.
    """
    text = _EMPTY_FRACTION.sub("", clean_code(plain_text(cell)))
    if _SPOILT_NUMBER.fullmatch(text):
        raise InvalidValue("import.phone.number")
    return parse_mobile(text)


def parse_any_document(cell: Cell, *, now: datetime) -> IdentityDocument:
    """The document of a file that does not say which kind it is. Raises: InvalidValue."""
    number = long_number(cell, name="id_number")
    is_like_resident = not number or _LIKE_RESIDENT_ID.fullmatch(number) is not None
    reason = InvalidValue("import.id_number.format")
    for kind in _RESIDENT_KINDS if is_like_resident else _OTHER_KINDS:
        try:
            return parse_document(kind, number, on=local_day(now))
        except InvalidValue as error:
            reason = error if kind is IdType.RESIDENT_ID else reason
    raise reason


def parse_moment(cell: Cell, *, now: datetime) -> datetime:
    """A local date with or without a time of day, in UTC; without one, the day's first moment.

    Raises: InvalidValue, also for a moment more than a day ahead or in another century.
    """
    moment = _local_moment(cell) + timedelta(milliseconds=500)  # Excel's seconds are a little off
    if moment.year < _EARLIEST_YEAR:
        raise InvalidValue("import.moment.too_old")
    if moment.year > now.year + 1:
        raise InvalidValue("import.moment.future")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=DISTRICT_TIME)
    utc = aware.replace(microsecond=0).astimezone(UTC)
    if utc > now + _ALLOWED_AHEAD:
        raise InvalidValue("import.moment.future")
    return utc


def parse_day(cell: Cell, *, now: datetime) -> date:
    """A local date; a time of day beside it is left out. Raises: InvalidValue."""
    return local_day(parse_moment(cell, now=now))


def parse_result(cell: Cell) -> NucleicAcidResult:
    """Raises: InvalidValue."""
    word = parse_needed_text(cell, longest=40)
    if word not in RESULT_WORDS:
        raise InvalidValue("import.result.unknown")
    return RESULT_WORDS[word]


def parse_dose(cell: Cell) -> int:
    """The dose's number from 1 to 9: 1, 第一针, 2剂. Raises: InvalidValue."""
    text = clean_code(parse_needed_text(cell, longest=40))
    match = _DOSE.fullmatch(text)
    if match is None:
        raise InvalidValue("import.dose.unknown")
    return DOSE_NUMERALS.get(match[1]) or int(match[1])


def _local_moment(cell: Cell) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, (int, float)) and _EXCEL_FIRST <= cell < _EXCEL_END:
        return _EXCEL_DAY_ZERO + timedelta(days=cell)
    text = clean_text(unicodedata.normalize("NFKC", plain_text(cell)))
    match = _MOMENT.fullmatch(text) or _DIGITS.fullmatch(text)
    if match is None:
        raise InvalidValue("import.moment.format" if text else "import.moment.missing")
    return _moment_of(match)


def _moment_of(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(match[part] or 0) for part in _PARTS)
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 – see below
        if match["zone"]:
            zone = datetime.fromisoformat(f"2000-01-01T00:00{match['zone']}").tzinfo
            return moment.replace(tzinfo=zone)
    except ValueError:
        raise InvalidValue("import.moment.format") from None
    return moment
