"""Adding many rows of one table at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.base import Base


def add_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), list(rows))


def add_rows_with_ids(
    session: Session, table: type[Any], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Add the rows; their new ids in the same order."""
    if not rows:
        return []
    query = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(query, list(rows)))
