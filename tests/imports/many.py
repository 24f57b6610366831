"""Many right rows of a 核酸 file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.imports.desk import HEADERS
from wxbackend.domain.gb_checks import resident_check_character
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.moments import to_local


def many_tests(count: int, *, now: datetime) -> Iterator[list[Any]]:
    """The header, then `count` tests of as many people in the last days."""
    yield HEADERS[ImportKind.NUCLEIC_ACID_TESTS]
    newest = to_local(now).replace(tzinfo=None, microsecond=0)
    for number in range(count):
        born = date(1960, 1, 1) + timedelta(days=number // 1000)
        digits = f"440115{born:%Y%m%d}{number % 1000:03}"
        at = newest - timedelta(minutes=1 + number % 5_000)
        sampled_at = at - timedelta(hours=5)
        number_of_document = digits + resident_check_character(digits)
        name = f"李建国{chr(0x4E00 + number % 997)}"
        yield [number_of_document, f"{at:%Y-%m-%d %H:%M}", "阴性", name, sampled_at, "检验所"]
