"""Opening an import file: what it really is, and its rows within the limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell, is_blank
from wxbackend.gateways.spreadsheet_csv import CsvRows
from wxbackend.gateways.spreadsheet_limits import SpreadsheetLimits
from wxbackend.gateways.spreadsheet_xlsx import XlsxRows

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of encrypted .xlsx files
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = (b"<", b"\xef\xbb\xbf<")
_CHUNK = 1 << 20
_UNSUPPORTED = {".xls": "import.file.xls", ".xlsm": "import.file.macros"}


class OpenSpreadsheet:
    """Implements `Spreadsheet`: the first sheet of one file, read as often as one likes."""

    def __init__(self, path: Path, limits: SpreadsheetLimits) -> None:
        """Raises: InvalidValue(import.file.…), OSError."""
        _check_kind(path, limits)
        self.file_name = readable_name(path.name)
        self._path = path
        self._limits = limits
        is_xlsx = path.suffix.lower() == ".xlsx"
        self._source = XlsxRows(path, limits) if is_xlsx else CsvRows(path, limits)

    def __enter__(self) -> OpenSpreadsheet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._source.close()

    @property
    def likely_rows(self) -> int:
        return self._source.likely_rows

    def fingerprint(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Rows from the first to the last with content; a row's place is its number in Excel.

        Blank rows are empty sequences. Raises: InvalidValue(import.file.…).
        """
        blank = with_content = 0
        for number, row in enumerate(self._source.rows(), 1):
            if all(is_blank(cell) for cell in row if cell is not None):
                blank += 1
                continue
            if blank > self._limits.most_blank_rows:
                raise InvalidValue("import.file.blank_gap", row=number)
            with_content += 1
            self._check(row, number=number, with_content=with_content)
            yield from [()] * blank
            yield row
            blank = 0

    def _check(self, row: Sequence[Cell], *, number: int, with_content: int) -> None:
        limits = self._limits
        if limits.most_rows is not None and with_content > limits.most_rows + 1:  # the header
            raise InvalidValue("import.file.too_many_rows", most=limits.most_rows)
        if not all(is_blank(cell) for cell in row[limits.most_columns :]):
            raise InvalidValue("import.file.too_many_columns", most=limits.most_columns, row=number)
        if any(isinstance(cell, str) and len(cell) > limits.most_characters for cell in row):
            raise InvalidValue(
                "import.file.cell_too_long_in_row", most=limits.most_characters, row=number
            )


def readable_name(name: str) -> str:
    """A file's name that can be printed and stored, also where its bytes are no UTF-8."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _check_kind(path: Path, limits: SpreadsheetLimits) -> None:
    """Raises: InvalidValue for everything that is not really an .xlsx or .csv file."""
    size = path.stat().st_size
    if size == 0:
        raise InvalidValue("import.file.empty")
    if size > limits.most_file_size:
        raise InvalidValue("import.file.too_large", most=limits.most_file_size // 1_000_000)
    with path.open("rb") as file:
        start = file.read(512).lstrip()
    if start.startswith(_OLE):
        raise InvalidValue(
            "import.file.encrypted" if _contains(path, _ENCRYPTED) else "import.file.xls"
        )
    if start.startswith(_MARKUP):
        raise InvalidValue("import.file.html")
    _check_suffix(path.suffix.lower(), is_zip=start.startswith(_ZIP))


def _check_suffix(suffix: str, *, is_zip: bool) -> None:
    if suffix not in {".xlsx", ".csv"}:
        raise InvalidValue(_UNSUPPORTED.get(suffix, "import.file.kind"))
    if suffix == ".xlsx" and not is_zip:
        raise InvalidValue("import.file.not_xlsx")
    if suffix == ".csv" and is_zip:
        raise InvalidValue("import.file.not_csv")


def _contains(path: Path, wanted: bytes) -> bool:
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(_CHUNK):
            if wanted in before + chunk:
                return True
            before = chunk[-len(wanted) :]
    return False
