"""Tables written row by row to .xlsx and .csv files, in which no text becomes a formula."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from wxbackend.domain.import_cells import Cell
from wxbackend.gateways.interfaces.sheets import TableNotes

# What XML cannot hold; openpyxl would raise on it.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel would read _x0041_ as the letter A.
_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# Excel, WPS and others start a formula at these, also behind spaces. Source: OWASP, CSV injection.
_FORMULA_START = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
_MOST_DIGITS_SHOWN = 11  # Excel shows a longer number as 4.40115E+17
_BOLD = Font(bold=True)
_WIDTH = 22


class TableFile:
    """A table that appears under its name when it is complete.

    Only the owner can read it unless `is_public`; `made_at` stands in place of the clock, so that
    the same table makes the same bytes; `encoding` is a .csv file's.
    """

    def __init__(
        self,
        path: Path,
        headers: Sequence[str],
        *,
        is_public: bool = False,
        made_at: datetime | None = None,
        encoding: str = "utf-8-sig",
    ) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._part.unlink(missing_ok=True)
        self._part.touch(mode=0o644 if is_public else 0o600, exist_ok=False)
        self._table: _Table = (
            _Csv(self._part, encoding) if path.suffix.lower() == ".csv" else _Xlsx(made_at)
        )
        self._table.add_headers(headers)

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._table.save(self._part)
            if error is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)

    def add(self, cells: Sequence[Cell]) -> None:
        self._table.add(cells)

    def add_notes(self, notes: TableNotes) -> None:
        """Put words about the table on a sheet of their own; a .csv file has no room for them."""
        self._table.add_notes(notes)


class ExcelTables:
    """Implements `TableMaker`."""

    def write(
        self,
        path: Path,
        headers: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        notes: Callable[[int], TableNotes],
    ) -> int:
        count = 0
        with TableFile(path, headers) as table:
            for cells in rows:
                table.add(cells)
                count += 1
            table.add_notes(notes(count))
        return count


class _Table(Protocol):
    def add_headers(self, headers: Sequence[str]) -> None: ...

    def add(self, cells: Sequence[Cell]) -> None: ...

    def add_notes(self, notes: TableNotes) -> None: ...

    def save(self, path: Path) -> None: ...


class _Xlsx:
    def __init__(self, made_at: datetime | None) -> None:
        self._made_at = made_at
        self._workbook = Workbook(write_only=True)
        self._sheet = self._workbook.create_sheet("Sheet1")

    def add_headers(self, headers: Sequence[str]) -> None:
        self._sheet.freeze_panes = "A2"
        for number in range(1, len(headers) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
        cells = [self._cell(header) for header in headers]
        for cell in cells:
            cell.font = _BOLD
        self._sheet.append(cells)

    def add(self, cells: Sequence[Cell]) -> None:
        self._sheet.append([self._cell(cell) for cell in cells])

    def add_notes(self, notes: TableNotes) -> None:
        sheet = self._workbook.create_sheet(notes.title)
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = _WIDTH, 4 * _WIDTH
        for line in notes.lines:
            sheet.append([self._cell(text) for text in line])

    def save(self, path: Path) -> None:
        if self._made_at is None:
            self._workbook.save(path)
            return
        self._workbook.properties.created = self._made_at.replace(tzinfo=None)
        self._workbook.properties.modified = self._made_at.replace(tzinfo=None)
        ExcelWriter(self._workbook, ZipFile(path, "w")).save()  # unlike `save`, without the clock
        _restamp(path, self._made_at)

    def _cell(self, value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        if not isinstance(value, str):
            return WriteOnlyCell(self._sheet, value)
        text = _LIKE_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", value))
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # openpyxl takes text that begins with “=” for a formula
        cell.number_format = "@"
        return cell


class _Csv:
    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._file, quoting=csv.QUOTE_ALL)

    def add_headers(self, headers: Sequence[str]) -> None:
        self._writer.writerow(headers)

    def add(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([_csv_text(cell) for cell in cells])

    def add_notes(self, notes: TableNotes) -> None:
        raise ValueError("a .csv file has one sheet")

    def save(self, path: Path) -> None:
        del path  # it was written there all along
        self._file.close()


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (int, float)) and 10**_MOST_DIGITS_SHOWN <= abs(cell) < math.inf:
        return f"{cell:.5E}"  # as Excel does; a spoilt identity number must not look whole again
    text = _NOT_IN_XML.sub("", str(cell))
    return f"'{text}" if _FORMULA_START.match(text) else text


def _restamp(path: Path, made_at: datetime) -> None:
    """Give every part the same time: neither the clock nor the disk shows in the bytes."""
    with ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with ZipFile(path, "w") as archive:
        for name, content in parts:
            stamped = ZipInfo(name, made_at.timetuple()[:6])
            archive.writestr(stamped, content, ZIP_DEFLATED)
