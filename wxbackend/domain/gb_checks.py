"""Check characters of the two national numbers: GB 11643 (residents) and GB 32100 (enterprises)."""

from __future__ import annotations

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def resident_check_character(first_17_digits: str) -> str:
    """The 18th character of a resident ID. Source: GB 11643-1999, 4.2."""
    total = sum(int(d) * w for d, w in zip(first_17_digits, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def credit_check_character(first_17_characters: str) -> str:
    """The 18th character of a 统一社会信用代码. Source: GB 32100-2015, 4.6."""
    values = (CREDIT_CODE_ALPHABET.index(char) for char in first_17_characters)
    total = sum(value * w for value, w in zip(values, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_CODE_ALPHABET[(31 - total % 31) % 31]
