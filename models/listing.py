"""What list queries share: counting up to a limit, one page, and how text is searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxbackend.domain.listing import COUNTED_ROWS, PageRequest

Condition = ColumnElement[bool]
Row = TypeVar("Row")


def count_up_to(session: Session, query: Select[Any], *, most: int = COUNTED_ROWS) -> int:
    """How many rows `query` has; `most` and one when there are more."""
    # Without its columns, a query that asks for every row would lose its table too.
    bare = query.order_by(None).with_only_columns(1, maintain_column_froms=True)
    limited = bare.limit(most + 1).subquery()
    return session.execute(select(func.count()).select_from(limited)).scalar_one()


def ordered(
    query: Select[Any], request: PageRequest, *, columns: Mapping[str, Any], key: Any
) -> Select[Any]:
    """One page of the query, by the column asked for; `key` breaks ties and is the own order.

    An unknown column name is ignored: it came from an address.
    """
    query = in_order(query, request, columns=columns, key=key)
    return query.limit(request.size).offset(request.offset)


def in_order(
    query: Select[Any], request: PageRequest, *, columns: Mapping[str, Any], key: Any
) -> Select[Any]:
    """The whole query in a list's order, for exports and for the row before and after one."""
    column = columns.get(request.sort)
    if column is None:
        return query.order_by(key.desc())
    if request.is_descending:
        return query.order_by(column.desc(), key.desc())
    return query.order_by(column, key)


def in_parts(session: Session, query: Select[Any], *, size: int = 500) -> Iterator[Sequence[Any]]:
    """All rows of a long query, so many at a time: one statement, read as it goes.

    The transaction stays open meanwhile, and may be asked other questions about each part.
    """
    found = session.execute(query, execution_options={"yield_per": size})
    return (list(part) for part in found.partitions())


def begins_with(column: InstrumentedAttribute[str], text: str) -> Condition:
    return column.startswith(text, autoescape=True)


def has_part(column: InstrumentedAttribute[str], text: str) -> Condition:
    return column.contains(text, autoescape=True)


def is_number(whole: Any, tail: Any, text: str) -> Condition:
    """A whole number, or its last four characters, by their keyed hashes."""
    if len(text) == 4:
        return or_(whole == text, tail == text)
    return whole == text  # type: ignore[no-any-return]
