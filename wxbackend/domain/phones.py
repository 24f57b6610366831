"""Mobile phone numbers of mainland China."""

from __future__ import annotations

import re

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.normalisation import clean_code

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY_CODE = re.compile(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))")


def parse_mobile(text: str) -> str:
    """Eleven digits; a country code, spaces and dashes are taken off.

    Raises: InvalidValue.
    """
    digits = _COUNTRY_CODE.sub("", re.sub(r"[-()]", "", clean_code(text)))
    if not digits:
        raise InvalidValue("phone.missing")
    if not _MOBILE.fullmatch(digits):
        raise InvalidValue("phone.format")
    return digits
