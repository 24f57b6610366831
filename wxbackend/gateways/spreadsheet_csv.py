"""Rows of a .csv file, streamed: UTF-8 or GB18030, with comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.gateways.spreadsheet_limits import SpreadsheetLimits

_CHUNK = 1 << 18
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",;\t"
_QUOTED = '"'


class CsvRows:
    """Cells of a .csv file are text; an empty one is None."""

    def __init__(self, path: Path, limits: SpreadsheetLimits) -> None:
        """Raises: InvalidValue(import.file.…)."""
        self._path = path
        self._limits = limits
        self.likely_rows = _count_lines(path, limits)
        self._encoding = _find_encoding(path)
        self._delimiter = self._find_delimiter()

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Every record; its place is its row in Excel, also where a text has several lines."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            records = csv.reader(file, delimiter=self._delimiter)
            try:
                for record in records:
                    yield [cell or None for cell in record]
            except csv.Error as error:  # a text longer than the library's own limit
                raise InvalidValue(
                    "import.file.cell_too_long", most=self._limits.most_characters
                ) from error

    def close(self) -> None:
        """Nothing stays open between two readings."""

    def _find_delimiter(self) -> str:
        """The delimiter that stands most often, outside quotes, in the first line with content."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            line = next((line for line in file if line.strip(" \t\r\n,;")), "")
        unquoted = "".join(line.split(_QUOTED)[::2])
        return max(_DELIMITERS, key=unquoted.count)


def _count_lines(path: Path, limits: SpreadsheetLimits) -> int:
    lines = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = chunk.count(b"\n") or chunk.count(b"\r")
            if b"\x00" in chunk:
                raise InvalidValue("import.file.not_text")
            if not found and len(chunk) == _CHUNK:
                raise InvalidValue("import.file.cell_too_long", most=limits.most_characters)
            lines += found
    return lines


def _find_encoding(path: Path) -> str:
    """The first encoding in which the whole file makes sense. Raises: InvalidValue."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise InvalidValue("import.file.encoding")
