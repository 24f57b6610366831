"""Where imported rows go: what a table makes of records, and how it takes many of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from models.database import Session
from wxbackend.domain.scope import Scope

R = TypeVar("R", bound="Keyed")
T = TypeVar("T")
Values = Mapping[str, Any]


class Keyed(Protocol):
    """A checked row of a file; two of one key speak of the same thing."""

    @property
    def key(self) -> tuple[Any, ...]: ...


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Judged(Generic[R, T]):
    """A record beside the row it meets, if any; `is_flagged` marks a changed main lead."""

    record: R
    row: T | None
    outcome: Outcome
    is_flagged: bool = False


class Target(Protocol):
    """What takes the records of one kind of file.

    `judge` only reads; `write` takes what `judge` found in the same transaction; `finish` does
    what is to be done once, after the last row.
    """

    def judge(self, session: Session, records: Sequence[Any]) -> Sequence[Judged[Any, Any]]: ...

    def write(
        self, session: Session, judged: Sequence[Judged[Any, Any]], *, now: datetime
    ) -> None: ...

    def finish(self, session: Session, *, now: datetime) -> None: ...


class TableTarget(ABC, Generic[R, T]):
    """One table whose rows are new, changed or unchanged by the columns that a file speaks of."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @abstractmethod
    def find(self, session: Session, records: Sequence[R]) -> Mapping[Any, T]:
        """The rows that are there already, by the records' keys."""

    @abstractmethod
    def add(self, session: Session, records: Sequence[R], *, now: datetime) -> None: ...

    @abstractmethod
    def values(self, record: R) -> Values:
        """The columns that an import may change; None where the file says nothing."""

    def judge(self, session: Session, records: Sequence[R]) -> list[Judged[R, T]]:
        found = self.find(session, records)
        return [self.judge_one(record, found.get(record.key)) for record in records]

    def judge_one(self, record: R, row: T | None) -> Judged[R, T]:
        if row is None:
            return Judged(record, None, Outcome.NEW)
        is_changed = differs(row, self.values(record))
        return Judged(record, row, Outcome.CHANGED if is_changed else Outcome.UNCHANGED)

    def write(self, session: Session, judged: Sequence[Judged[R, T]], *, now: datetime) -> None:
        self.add(session, [one.record for one in judged if one.row is None], now=now)
        for one in judged:
            if one.row is not None and one.outcome is Outcome.CHANGED:
                self.change(one.row, one.record, now=now)

    def change(self, row: T, record: R, *, now: datetime) -> None:
        del now
        assign(row, self.values(record))

    def finish(self, session: Session, *, now: datetime) -> None:
        """Nothing more to do, unless a subclass knows of something."""


def differs(row: object, values: Values) -> bool:
    return any(value is not None and getattr(row, name) != value for name, value in values.items())


def assign(row: object, values: Values) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(row, name, value)


def with_blanks(values: Values, *optional: str) -> dict[str, Any]:
    """For a new row: the optional texts of which the file says nothing are empty."""
    return {**values, **{name: values[name] or "" for name in optional}}
