"""Passwords by Argon2id."""

from __future__ import annotations

import argon2

_HASHER = argon2.PasswordHasher()  # RFC 9106's low-memory profile: 64 MiB, three passes
_DUMMY = _HASHER.hash("a password that nobody has")


class ArgonHasher:
    def hash(self, password: str) -> str:
        return _HASHER.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        try:
            return _HASHER.verify(password_hash, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def spend_time(self, password: str) -> None:
        self.matches(_DUMMY, password)
