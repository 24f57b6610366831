"""Every call that a platform received, with what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.ledger import Ledger

KEPT_CALLS = 20_000
NO_ANSWER = 0


@dataclass(frozen=True)
class Call:
    """One call; `status` is 0 when there was no answer, `note` says what a status cannot."""

    id: int
    target: str
    method: str
    path: str
    at: str
    status: int
    caller: str
    fault: str | None
    note: str | None


class Journal:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: Ledger[Call] = Ledger(KEPT_CALLS)

    def record(
        self,
        target: str,
        path: str,
        *,
        method: str,
        status: int,
        caller: str,
        fault: str | None = None,
        note: str | None = None,
    ) -> Call:
        at = self._clock.stamp()
        return self._calls.add(
            lambda number: Call(number, target, method, path, at, status, caller, fault, note)
        )

    def read(
        self,
        target: str | None = None,
        path: str | None = None,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Call]:
        def wanted(call: Call) -> bool:
            return target in {None, call.target} and (path is None or path in call.path)

        return self._calls.read(wanted, after=after, limit=limit)

    def clear(self) -> None:
        self._calls.clear()
