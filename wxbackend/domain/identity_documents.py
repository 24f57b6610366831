"""Identity documents: the five kinds, their number rules, and how a number is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.gb_checks import resident_check_character
from wxbackend.domain.normalisation import clean_code


class IdType(StrEnum):
    RESIDENT_ID = "resident_id"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    PASSPORT = "passport"
    FOREIGN_PERMANENT_RESIDENT_ID = "foreign_permanent_resident_id"


# Source: protocols.md section 5. A resident ID and the 18-digit form of the foreign permanent
# resident ID are checked further below.
_PATTERNS = {
    IdType.HK_MACAO_PERMIT: re.compile(r"[HM](\d{8}|\d{10})"),
    IdType.TAIWAN_PERMIT: re.compile(r"\d{8}|\d{10}[A-Z]?"),
    IdType.PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
    IdType.FOREIGN_PERMANENT_RESIDENT_ID: re.compile(r"[A-Z]{3}\d{12}|9\d{17}"),
}
_LONGEST_LIFE_YEARS = 130


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """A kind of document and its number in stored form (upper case, no spaces)."""

    type: IdType
    number: str

    @property
    def can_be_checked_online(self) -> bool:
        """微警 knows resident IDs only; the gate compares the others by eye."""
        return self.type is IdType.RESIDENT_ID


def parse_document(id_type: IdType, number: str, *, on: date) -> IdentityDocument:
    """The document in stored form.

    `on` is the day of the check: a birthday must not lie after it.

    Raises: InvalidValue with a code that says which rule broke.
    """
    clean = clean_code(number).replace("-", "")
    if not clean:
        raise InvalidValue("id_number.missing")
    if id_type is IdType.RESIDENT_ID:
        _check_resident_id(clean, on=on)
    elif not _PATTERNS[id_type].fullmatch(clean) or not clean.isascii():
        raise InvalidValue(f"id_number.{id_type.value}")
    elif id_type is IdType.FOREIGN_PERMANENT_RESIDENT_ID and len(clean) == 18:
        _check_character(clean)
    return IdentityDocument(id_type, clean)


def birth_date(resident_id: str) -> date | None:
    """The date inside a resident ID, or None where it is no date."""
    digits = resident_id[6:14]
    if not (len(digits) == 8 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _check_resident_id(number: str, *, on: date) -> None:
    if len(number) != 18:
        raise InvalidValue("id_number.length", length=len(number))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise InvalidValue("id_number.characters")
    born = birth_date(number)
    if born is None or not on.year - _LONGEST_LIFE_YEARS <= born.year or born > on:
        raise InvalidValue("id_number.birth_date")
    _check_character(number)


def _check_character(number: str) -> None:
    if resident_check_character(number[:17]) != number[17]:
        raise InvalidValue("id_number.check_character")


def parse_id_type(value: str) -> IdType:
    """Raises: InvalidValue for a kind that does not exist."""
    try:
        return IdType(value)
    except ValueError:
        raise InvalidValue("choice.unknown") from None
