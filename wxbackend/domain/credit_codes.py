"""统一社会信用代码: the number every enterprise has."""

from __future__ import annotations

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.gb_checks import CREDIT_CODE_ALPHABET, credit_check_character
from wxbackend.domain.normalisation import clean_code


def parse_credit_code(text: str) -> str:
    """Eighteen characters with a right check character.

    Raises: InvalidValue. Source: GB 32100-2015.
    """
    code = clean_code(text).replace("-", "")
    if not code:
        raise InvalidValue("credit_code.missing")
    if len(code) != 18:
        raise InvalidValue("credit_code.length", length=len(code))
    if any(char not in CREDIT_CODE_ALPHABET for char in code):
        raise InvalidValue("credit_code.characters")
    if credit_check_character(code[:17]) != code[17]:
        raise InvalidValue("credit_code.check_character")
    return code
