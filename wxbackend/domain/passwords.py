"""Which passwords an account may have."""

from __future__ import annotations

# Words that stand in every list of common passwords; the check asks for four kinds besides.
_COMMON_PARTS = ("password", "admin", "123456", "qwerty", "abc123", "nansha", "111111", "888888")
_SHORTEST = 10
_LONGEST = 128


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
    lowered = password.lower()
    if any(part in lowered for part in _COMMON_PARTS) or (name and name in lowered):
        return "password.common"
    return None
