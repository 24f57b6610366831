"""Which reservations a page on the phone asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReservationSearch:
    """`is_passed`: 已通行, or everything else; `is_decided`: those with a passage.

    `text` is the beginning of a name or part of a plate, `id_number` one person's, `arriving` a
    time [start, end) of the planned arrival.
    """

    is_passed: bool | None = None
    is_decided: bool | None = None
    text: str = ""
    id_number: str = ""
    arriving: tuple[datetime, datetime] | None = None
