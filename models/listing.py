"""What list queries share: counting up to a limit, one page, and how text is searched."""

from __future__ import annotations

from collections.abc import Mapping
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
    column = columns.get(request.sort)
    if column is None:
        query = query.order_by(key.desc())
    elif request.is_descending:
        query = query.order_by(column.desc(), key.desc())
    else:
        query = query.order_by(column, key)
    return query.limit(request.size).offset(request.offset)


def begins_with(column: InstrumentedAttribute[str], text: str) -> Condition:
    return column.startswith(text, autoescape=True)


def has_part(column: InstrumentedAttribute[str], text: str) -> Condition:
    return column.contains(text, autoescape=True)


def is_number(whole: Any, tail: Any, text: str) -> Condition:
    """A whole number, or its last four characters, by their keyed hashes."""
    if len(text) == 4:
        return or_(whole == text, tail == text)
    return whole == text  # type: ignore[no-any-return]
