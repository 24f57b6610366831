"""Which passwords an account may have."""

from __future__ import annotations

from wxbackend.domain.common_passwords import COMMON_WORDS

# Walks over the keyboard, rows of one character, sayings, and words of this trade.
_COMMON_PARTS = (
    *("password", "admin", "qwer", "asdf", "zxcv", "qazwsx", "1qaz", "2wsx", "1q2w", "q1w2"),
    *("12345", "54321", "11111", "00000", "66666", "88888", "abc123", "abcde", "112233", "123123"),
    *("5201314", "1314520", "woaini", "iloveyou", "welcome", "letmein"),
    *("nansha", "wxbackend", "kakou", "zhenjie", "tongxing", "yiqing"),
)
_SHORTEST = 10
_LONGEST = 128
# Passwords before the present one that may not come back, the present one counted.
REMEMBERED_PASSWORDS = 5

_AS_LETTERS = str.maketrans("@4301$5!7", "aaeoissit")
_AS_DIGITS = str.maketrans("!@#$%^&*()", "1234567890")


def password_problem(password: str, *, name: str) -> str | None:
    """The code of the rule that the password breaks, or None. Source: security.md section 0."""
    if len(password) < _SHORTEST:
        return "password.short"
    if len(password) > _LONGEST:
        return "password.long"
    kinds = (str.islower, str.isupper, str.isdigit)
    held = sum(any(kind(char) for char in password) for kind in kinds)
    held += any(not char.isalnum() for char in password)
    if held < 3:
        return "password.simple"
    return "password.common" if _is_common(password.lower(), name) else None


def _is_common(lowered: str, name: str) -> bool:
    """Whether it is a common word with trimmings, or holds what everybody tries first."""
    readings = (lowered, lowered.translate(_AS_LETTERS), lowered.translate(_AS_DIGITS))
    if any(part in reading for part in _COMMON_PARTS for reading in readings):
        return True
    if name and (name in lowered or name.translate(_AS_LETTERS) in readings[1]):
        return True
    cores = (_core(lowered), _core(lowered).translate(_AS_LETTERS), _core(readings[1]))
    return any(core in COMMON_WORDS for core in cores)


def _core(text: str) -> str:
    """The text without digits and signs at both ends: `manchester` of `2022manchester!`."""
    letters = [index for index, char in enumerate(text) if char.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""
