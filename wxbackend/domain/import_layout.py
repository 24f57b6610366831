"""Where the columns of one import file stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell, is_blank
from wxbackend.domain.import_columns import NOTE_MARK, REASON_HEADER, Column
from wxbackend.domain.normalisation import clean_code, clean_text

# People write 姓名（必填）, 手机号*: notes in brackets and marks are no part of a header.
_NOTES = re.compile(r"[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]")
_MARKS = re.compile(r"[★☆*※:]")


@dataclass(frozen=True, slots=True)
class Layout:
    """`positions` are by column name; `ignored` are the headers that are no column of ours."""

    columns: tuple[Column, ...]
    positions: Mapping[str, int]
    ignored: tuple[str, ...]

    def pick(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """The row's cells by column name, for the columns that the file has."""
        width = len(cells)
        return {
            name: cells[place] if place < width else None for name, place in self.positions.items()
        }


def find_layout(columns: Sequence[Column], headers: Sequence[Cell]) -> Layout:
    """Read a header row, in any order of the columns.

    Raises: InvalidValue for a required column that is missing, or one that stands there twice.
    """
    names = {column.header: column.name for column in columns}
    positions: dict[str, int] = {}
    ignored: list[str] = []
    for place, cell in enumerate(headers):
        header = "" if is_blank(cell) else _plain_header(str(cell))
        if header not in names:
            ignored += [clean_text(str(cell))] if header not in {"", REASON_HEADER} else []
        elif names[header] in positions:
            raise InvalidValue("import.header.twice", column=header)
        else:
            positions[names[header]] = place
    missing = [c.header for c in columns if c.is_required and c.name not in positions]
    if missing:
        raise InvalidValue("import.header.missing", columns="、".join(missing))
    return Layout(tuple(columns), positions, tuple(ignored))


def are_notes(cells: Iterable[Cell]) -> bool:
    """Whether these are the template's own notes, which somebody left where they were."""
    texts = [str(cell).strip() for cell in cells if not is_blank(cell)]
    return bool(texts) and all(text.startswith(NOTE_MARK) for text in texts)


def _plain_header(text: str) -> str:
    return _MARKS.sub("", _NOTES.sub("", clean_code(text)))
