"""Rows of an .xlsx file through openpyxl, streamed: memory does not grow with the rows."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.gateways.spreadsheet_archive import PartExtent, inspect_archive
from wxbackend.gateways.spreadsheet_limits import SpreadsheetLimits

# What openpyxl and the libraries below it raise on content that is not as it should be.
_UNREADABLE = (
    AssertionError,
    AttributeError,
    BadZipFile,
    DefusedXmlException,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_ROWS_AT_ONCE = 200
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class XlsxRows:
    """The first visible sheet of a workbook; its shared texts and formats are held in memory."""

    def __init__(self, path: Path, limits: SpreadsheetLimits) -> None:
        """Raises: InvalidValue(import.file.…)."""
        extents = inspect_archive(path, limits)
        with _readable():
            reader = _Reader(path, _Archive(path, extents, limits))
            reader.read()
        self._workbook = reader.wb
        try:
            self._sheet = _first_visible(reader.sheets)
            extent = extents.get(self._sheet.part_name, PartExtent())
            if extent.uncalculated_row:
                raise InvalidValue("import.file.uncalculated", row=extent.uncalculated_row)
        except InvalidValue:
            self.close()
            raise
        self._width = limits.most_columns + 1  # one more, to see that there is more
        self.likely_rows = extent.last_row

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Every row down to the last one with content; rows the file leaves out are empty."""
        if not self.likely_rows:
            return
        rows = cast(Worksheet, self._sheet).iter_rows(
            max_row=self.likely_rows, max_col=self._width, values_only=True
        )
        while True:
            with _readable():
                some = list(islice(rows, _ROWS_AT_ONCE))
            if not some:
                return
            yield from (_unescaped(cast("Sequence[Cell]", row)) for row in some)

    def close(self) -> None:
        self._workbook.close()


def _first_visible(sheets: Sequence[_Sheet]) -> _Sheet:
    for sheet in sheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise InvalidValue("import.file.empty")


def _unescaped(row: Sequence[Cell]) -> Sequence[Cell]:
    """Excel writes characters that XML cannot hold as _x000D_; openpyxl leaves that as it is."""
    if not any(isinstance(cell, str) and "_x" in cell for cell in row):
        return row
    return [
        _ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell) if isinstance(cell, str) else cell
        for cell in row
    ]


@contextmanager
def _readable() -> Iterator[None]:
    """Quiet about what openpyxl leaves out; an unreadable file becomes one clear error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _PartTooLarge as error:
        raise InvalidValue("import.file.too_much_formatting") from error
    except _UNREADABLE as error:
        raise InvalidValue("import.file.damaged") from error


class _Sheet(ReadOnlyWorksheet):
    """A sheet whose size nobody believes.

    The dimension in a file may be wrong (rows would be lost in silence), and where it is missing
    openpyxl would read the whole sheet to look for it.
    """

    part_name: str

    def _get_size(self) -> None:
        self.reset_dimensions()


class _PartTooLarge(Exception):
    pass


class _Archive(ZipFile):
    """Opens parts that were looked into; openpyxl streams sheets and texts, and reads others whole.

    What is read whole must be small.
    """

    def __init__(
        self, path: Path, extents: Mapping[str, PartExtent], limits: SpreadsheetLimits
    ) -> None:
        super().__init__(path)
        self._extents = extents
        self._limits = limits

    def open(self, name: str | ZipInfo, *arguments: Any, **options: Any) -> IO[bytes]:
        part = name.filename if isinstance(name, ZipInfo) else name
        if part not in self._extents:
            raise KeyError(part)
        return super().open(name, *arguments, **options)

    def read(self, name: str | ZipInfo, pwd: bytes | None = None) -> bytes:
        entry = name if isinstance(name, ZipInfo) else self.getinfo(name)
        if entry.file_size > self._limits.most_small_part_size:
            raise _PartTooLarge(entry.filename)
        return super().read(name, pwd)


class _Reader(ExcelReader):
    """openpyxl's reader: read-only, values instead of formulas, no links to other files."""

    def __init__(self, path: Path, archive: _Archive) -> None:
        super().__init__(path, read_only=True, data_only=True, keep_links=False)
        self.archive.close()
        self.archive = archive
        self.sheets: list[_Sheet] = []

    def read_worksheets(self) -> None:
        for entry, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files or "chartsheet" in relation.Type:
                continue
            sheet = _Sheet(self.wb, entry.name, relation.target, self.shared_strings)
            sheet.sheet_state = entry.state or "visible"
            sheet.part_name = relation.target
            self.sheets.append(sheet)
