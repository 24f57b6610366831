"""Where imported rows go: what a table makes of records, and how it takes many of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, cast

from models.base import Base
from models.database import Session
from models.sealed import Sealed, seal_inserts, seal_updates, write_sealed
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
    """A record beside the row it meets, if any.

    `changed` are the columns in which they differ; `former_phone` is the main lead's whom the
    record replaces by another.
    """

    record: R
    row: T | None
    outcome: Outcome
    changed: tuple[str, ...] = ()
    former_phone: str | None = None


class Target(Protocol):
    """What takes the records of one kind of file.

    `judge` only reads. `prepare` turns what `judge` found into what `write` takes: plain values
    that can be pickled, so that the transaction that writes them is short. `finish` does what is
    to be done once, in that transaction, after the last row.
    """

    def judge(self, session: Session, records: Sequence[Any]) -> Sequence[Judged[Any, Any]]: ...

    def prepare(
        self, session: Session, judged: Sequence[Judged[Any, Any]], *, now: datetime
    ) -> Sequence[Any]: ...

    def write(self, session: Session, prepared: Sequence[Any], *, now: datetime) -> None: ...

    def finish(self, session: Session, *, now: datetime) -> None: ...


class TableTarget(ABC, Generic[R, T]):
    """One table whose rows are new, changed or unchanged by the columns that a file speaks of."""

    table: type[Base]

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @abstractmethod
    def find(self, session: Session, records: Sequence[R]) -> Mapping[Any, T]:
        """The rows that are there already, by the records' keys."""

    @abstractmethod
    def values(self, record: R) -> Values:
        """The columns that an import may change; None where the file says nothing."""

    @abstractmethod
    def new_row(self, record: R, *, now: datetime) -> Values:
        """Every column of a new row."""

    def changes(self, record: R, *, now: datetime) -> Values:
        """The columns of a changed row that get another value."""
        del now
        return {name: value for name, value in self.values(record).items() if value is not None}

    def judge(self, session: Session, records: Sequence[R]) -> list[Judged[R, T]]:
        found = self.find(session, records)
        return [self.judge_one(record, found.get(record.key)) for record in records]

    def judge_one(self, record: R, row: T | None) -> Judged[R, T]:
        if row is None:
            return Judged(record, None, Outcome.NEW)
        changed = differing(row, self.values(record))
        return Judged(record, row, Outcome.CHANGED if changed else Outcome.UNCHANGED, changed)

    def prepare(
        self, session: Session, judged: Sequence[Judged[R, T]], *, now: datetime
    ) -> list[Sealed]:
        new = [self.new_row(one.record, now=now) for one in judged if one.row is None]
        changed = [
            (cast(Any, one.row).id, self.changes(one.record, now=now))
            for one in judged
            if one.row is not None and one.outcome is Outcome.CHANGED
        ]
        return [
            *seal_inserts(session, self.table, new),
            *seal_updates(session, self.table, changed),
        ]

    def write(self, session: Session, prepared: Sequence[Sealed], *, now: datetime) -> None:
        del now
        for sealed in prepared:
            write_sealed(session, sealed)

    def finish(self, session: Session, *, now: datetime) -> None:
        """Nothing more to do, unless a subclass knows of something."""


def differing(row: object, values: Values) -> tuple[str, ...]:
    """The columns of which the file says something else than the row."""
    return tuple(
        name for name, value in values.items() if value is not None and getattr(row, name) != value
    )


def assign(row: object, values: Values) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(row, name, value)


def with_blanks(values: Values, *optional: str) -> dict[str, Any]:
    """For a new row: the optional texts of which the file says nothing are empty."""
    return {**values, **{name: values[name] or "" for name in optional}}
