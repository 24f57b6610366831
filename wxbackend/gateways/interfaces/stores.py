"""What processes share, as the use cases see it: small values, locks, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol


class LockNotFree(Exception):
    """The lock was not free within the time."""


class SharedStore(Protocol):
    """Small values that all processes share for a while: tokens, OAuth states, locks.

    Every method but `answers` raises TemporaryGatewayError when the store is away.
    """

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str, *, keep: timedelta) -> None: ...

    def add(self, key: str, value: str, *, keep: timedelta) -> bool:
        """Put it if nothing is there; False when something is."""
        ...

    def take(self, key: str) -> str | None:
        """Get it and remove it; of several takers one gets it."""
        ...

    def drop(self, key: str) -> None: ...

    def count(self, key: str, *, keep: timedelta) -> int:
        """Add one to a number that is forgotten `keep` after its first; what it is now."""
        ...

    def lock(self, name: str, *, keep: timedelta, wait: timedelta) -> AbstractContextManager[None]:
        """Hold the lock while the block runs, at most `keep`. Raises: LockNotFree."""
        ...

    def answers(self) -> bool: ...


class FileStore(Protocol):
    """Encrypted files by name; names are ours, never a user's."""

    def write(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes:
        """Raises: FileNotFoundError."""
        ...

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a large file piece by piece; it is there when it is whole."""
        ...

    def read_pieces(self, name: str) -> Iterator[bytes]:
        """What `write_pieces` wrote, opened at once and read as it goes.

        Raises: FileNotFoundError; TamperedCiphertext, also for a file that was cut short.
        """
        ...

    def delete(self, name: str) -> None:
        """Deleting what is not there is fine."""
        ...

    def names_before(self, prefix: str, moment: datetime) -> list[str]:
        """The files that begin with `prefix` and were written before `moment`."""
        ...

    def sweep(self) -> int:
        """Remove what killed processes left half-written; how many files."""
        ...
