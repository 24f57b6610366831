"""Number plates of GA 36: which are real, and the form they are stored in."""

from __future__ import annotations

import re

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.normalisation import clean_code

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_OFFICE = "[A-HJ-NP-Z]"
_ANY = "[0-9A-HJ-NP-Z]"
_POWER = "[A-HJK]"  # the letter that marks a new-energy plate
# Source: GA 36-2018, 5.9; plates of Hong Kong and Macao vehicles are 粤Z.
_PLATE = re.compile(
    f"[{_PROVINCES}]{_OFFICE}"
    f"(?:{_ANY}{{5}}|{_POWER}{_ANY}[0-9]{{4}}|[0-9]{{5}}{_POWER}|{_ANY}{{4}}[挂学警领])"
    f"|粤Z{_ANY}{{4}}[港澳]"
    "|[0-9]{6}使"
)
_SEPARATORS = str.maketrans("", "", "·•‧・.-")


def without_separators(text: str) -> str:
    """A plate, or a part of one, as stored plates are written."""
    return clean_code(text).translate(_SEPARATORS)


def parse_plate(text: str) -> str:
    """The plate without dot or spaces, in upper case: 粤A8K652.

    Raises: InvalidValue.
    """
    plate = without_separators(text)
    if not plate:
        raise InvalidValue("plate.missing")
    if re.search("[IO]", plate[1:]):
        raise InvalidValue("plate.letter_i_or_o")
    if not _PLATE.fullmatch(plate):
        raise InvalidValue("plate.format")
    return plate


def parse_trailer_plate(text: str) -> str:
    """The plate of a trailer; it ends in 挂.

    Raises: InvalidValue.
    """
    plate = parse_plate(text)
    if not plate.endswith("挂"):
        raise InvalidValue("plate.trailer")
    return plate
