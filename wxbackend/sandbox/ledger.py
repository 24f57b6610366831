"""A bounded, numbered, append-only list that many threads share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    @property
    def id(self) -> int: ...


Entry = TypeVar("Entry", bound=Numbered)


class Ledger(Generic[Entry]):
    """Adding is O(1); reading walks back from the newest entry and stops at `after`."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._lock = Lock()
        self._last_id = 0

    def add(self, make: Callable[[int], Entry]) -> Entry:
        with self._lock:
            self._last_id += 1
            entry = make(self._last_id)
            self._entries.append(entry)
        return entry

    def read(
        self, keep: Callable[[Entry], bool], *, after: int = 0, limit: int | None = None
    ) -> list[Entry]:
        """The kept entries numbered above `after`, oldest first; `limit` keeps the newest."""
        found: list[Entry] = []
        with self._lock:
            for entry in reversed(self._entries):
                if entry.id <= after or len(found) == limit:
                    break
                if keep(entry):
                    found.append(entry)
        found.reverse()
        return found

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
