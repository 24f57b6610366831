"""Finding a plate by any part of it: by an index of its tails on PostgreSQL, by reading on SQLite.

Any part of a plate is the beginning of one of its tails, and a word of a text-search vector is
found by its beginning. It needs no extension, unlike trigrams, and no column of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, ColumnElement, cast, event, literal, literal_column, or_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from models.listing import has_part
from models.reservations import Reservation

_LONGEST = 10
_COLUMNS = ("plate_number", "trailer_plate")
_TAILS = ", ".join(
    f"substr({column}, {start})" for column in _COLUMNS for start in range(1, _LONGEST + 1)
)
_VECTOR = f"array_to_tsvector(array_remove(ARRAY[{_TAILS}], ''))"
# An expression that only PostgreSQL knows stands in no declared table: it is made after them, by
# create_all() and by every upgrade.
INDEX_NAME = "ix_reservation_plate_tails"
INDEX: DDL = DDL(  # type: ignore[no-untyped-call]
    f"CREATE INDEX IF NOT EXISTS {INDEX_NAME} ON reservation USING gin ({_VECTOR})"
)
event.listen(Reservation.__table__, "after_create", INDEX.execute_if(dialect="postgresql"))
# Parts from this length on are rare enough to be looked up before anything is sorted.
_SELECTIVE_LENGTH = 3


def has_plate_part(session: Session, part: str) -> ColumnElement[bool]:
    """Truck or trailer has this part in its plate."""
    if not _is_worth_the_index(session, part):
        columns = (Reservation.plate_number, Reservation.trailer_plate)
        return or_(*(has_part(column, part) for column in columns))
    quoted = part.replace("\\", "\\\\").replace("'", "''")
    vector: ColumnElement[Any] = literal_column(_VECTOR)
    return vector.bool_op("@@")(cast(literal(f"'{quoted}':*"), TSQUERY))


def is_selective(part: str) -> bool:
    return len(part) >= _SELECTIVE_LENGTH


def _is_worth_the_index(session: Session, part: str) -> bool:
    return is_selective(part) and session.get_bind().dialect.name == "postgresql"
