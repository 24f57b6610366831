"""Passwords by Argon2id."""

from __future__ import annotations

from functools import cached_property

import argon2

# RFC 9106's low-memory profile.
_MEMORY_KIB = 64 * 1024
_PASSES = 3


class ArgonHasher:
    """Its work can be set lower for tests, which hash the same few passwords all day."""

    def __init__(self, *, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES) -> None:
        self._hasher = argon2.PasswordHasher(memory_cost=memory_kib, time_cost=passes)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def spend_time(self, password: str) -> None:
        self.matches(self._dummy, password)

    @cached_property
    def _dummy(self) -> str:
        return self.hash("a password that nobody has")
