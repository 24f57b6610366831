"""What this process read last of the SMS providers' shares."""

from __future__ import annotations

import time
from collections.abc import Mapping

_FRESH_SECONDS = 1.0


class ShareMemo:
    """Swapped as a whole: a thread sees the old shares or the new ones."""

    def __init__(self) -> None:
        self._read: tuple[Mapping[str, int], float] = ({}, -_FRESH_SECONDS)

    @property
    def values(self) -> Mapping[str, int]:
        return self._read[0]

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._read[1] < _FRESH_SECONDS

    def put(self, values: Mapping[str, int]) -> None:
        self._read = (values, time.monotonic())

    def forget(self) -> None:
        """Read again: a share was changed."""
        self._read = (self._read[0], -_FRESH_SECONDS)
