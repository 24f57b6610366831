"""Many rows at once: everything slow about them happens before the transaction that writes them.

Encrypting, hashing and converting a hundred thousand rows takes many seconds; handing the results
to the database takes one. SQLite lets nobody else write during the latter only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

from models.base import Base

_ROW_ID = "row_id"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement with its rows as the driver takes them: plain values that can be pickled."""

    statement: str
    rows: Sequence[Any]


def seal_inserts(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> Iterator[Sealed]:
    """New rows of one table; all have the same columns."""
    if rows:
        names = list(rows[0])
        # inline: nobody asks for the ids of the new rows.
        yield _seal(session, table, insert(_core(table)).inline(), names, rows)


def seal_updates(
    session: Session, table: type[Base], changes: Sequence[tuple[int, Mapping[str, Any]]]
) -> Iterator[Sealed]:
    """(row id, new values): one statement for all rows that change the same columns."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, values in changes:
        groups.setdefault(tuple(values), []).append({_ROW_ID: row_id, **values})
    core = _core(table)
    for names, rows in groups.items():
        statement = (
            update(core)
            .where(core.c.id == bindparam(_ROW_ID))
            .values({name: bindparam(name, type_=core.c[name].type) for name in names})
        )
        yield _seal(session, table, statement, [_ROW_ID, *names], rows)


def write_sealed(session: Session, sealed: Sealed) -> None:
    session.connection().exec_driver_sql(sealed.statement, list(sealed.rows))


def _seal(
    session: Session,
    table: type[Base],
    statement: UpdateBase,
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> Sealed:
    dialect = session.get_bind().dialect
    compiled = statement.compile(
        dialect=dialect, column_keys=[name for name in names if name != _ROW_ID]
    )
    columns = _core(table).c
    convert = {
        name: columns[name].type.dialect_impl(dialect).bind_processor(dialect)
        for name in names
        if name in columns
    }

    def value(row: Mapping[str, Any], name: str) -> Any:
        process = convert.get(name)
        made = row[name] if process is None else process(row[name])
        return made.tobytes() if isinstance(made, memoryview) else made

    # Drivers count places (SQLite) or take names (PostgreSQL).
    places = cast("Sequence[str] | None", getattr(compiled, "positiontup", None))
    if places is not None:
        return Sealed(str(compiled), [tuple(value(row, n) for n in places) for row in rows])
    return Sealed(str(compiled), [{n: value(row, n) for n in names} for row in rows])


def _core(table: type[Base]) -> Table:
    return cast(Table, table.__table__)
