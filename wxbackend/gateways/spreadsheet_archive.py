"""The look into an .xlsx file before anything of it is held in memory.

openpyxl builds objects of whatever it meets. So every part is first read through once, keeping
nothing: after that no text, row, table of texts or style sheet in it can be a bomb.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter

from wxbackend.domain.errors import InvalidValue
from wxbackend.gateways.spreadsheet_limits import SpreadsheetLimits

_DAMAGED = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    expat.ExpatError,
    struct.error,
    zlib.error,
)
_CHUNK = 1 << 16
_XML_NAMES = (".xml", ".rels")
_XML_STARTS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MACROS = re.compile(r"vbaProject\.bin$|^xl/macrosheets/")
# The longest text of a cell in Excel, in characters; shorter limits are the reader's.
_MOST_CHARACTERS = 32_767
# Elements of one row, or of all styles: 16,384 formatted cells of six elements each.
_MOST_ELEMENTS = 100_000
# Rows that any sheet of the workbook may have, where rows are limited at all.
_ROWS_SCANNED = 200_000
_BYTES_PER_DIRECTORY_ENTRY = 1_000
_MOST_END_OF_ZIP = 66_000


@dataclass(frozen=True, slots=True)
class PartExtent:
    """The last row with content and the first with a formula not calculated; 0 for none."""

    last_row: int = 0
    uncalculated_row: int = 0


def inspect_archive(path: Path, limits: SpreadsheetLimits) -> dict[str, PartExtent]:
    """Read the whole archive through; what its XML parts hold, by their names.

    A part that is not named here was not looked into, and must not be read by anybody.

    Raises: InvalidValue(import.file.…) for what is no sane .xlsx file.
    """
    try:
        with path.open("rb") as file:
            _check_directory_size(file, limits)
        with ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, limits)
            extents = {entry.filename: _scan(archive, entry, limits) for entry in entries}
            return {name: extent for name, extent in extents.items() if extent is not None}
    except InvalidValue:
        raise
    except _DAMAGED as error:
        raise InvalidValue("import.file.damaged") from error


def _sortable(address: str) -> tuple[int, str]:
    """The column of an address (AN of AN12) in the order of columns: Z comes before AA."""
    letters = address.rstrip("0123456789")
    return len(letters), letters


def _check_directory_size(file: BinaryIO, limits: SpreadsheetLimits) -> None:
    """`ZipFile` holds the directory in memory before anybody can count its entries."""
    size = file.seek(0, 2)
    start = max(0, size - _MOST_END_OF_ZIP)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise BadZipFile
    (directory_size,) = struct.unpack("<L", tail[end + 12 : end + 16])
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":  # the 64-bit form
        (offset,) = struct.unpack("<Q", tail[end - 12 : end - 4])
        file.seek(min(offset, size))
        (directory_size,) = struct.unpack("<40xQ", file.read(48))
    if directory_size > limits.most_entries * _BYTES_PER_DIRECTORY_ENTRY:
        raise InvalidValue("import.file.too_many_parts", most=limits.most_entries)


def _check_entries(entries: list[ZipInfo], limits: SpreadsheetLimits) -> None:
    names = [entry.filename for entry in entries]
    if len(entries) > limits.most_entries:
        raise InvalidValue("import.file.too_many_parts", most=limits.most_entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise InvalidValue("import.file.encrypted")
    if "[Content_Types].xml" not in names:
        raise InvalidValue("import.file.not_xlsx")
    if any(_MACROS.search(name) for name in names):
        raise InvalidValue("import.file.macros")
    if any(entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for entry in entries):
        raise InvalidValue("import.file.damaged")
    if sum(entry.file_size for entry in entries) > limits.most_unpacked_size:
        raise InvalidValue("import.file.too_large_unpacked", most=_megabytes(limits))
    if any(_is_bomb(entry, limits) for entry in entries):
        raise InvalidValue("import.file.ratio")


def _is_bomb(entry: ZipInfo, limits: SpreadsheetLimits) -> bool:
    is_large = entry.file_size > limits.most_small_part_size
    return is_large and entry.file_size > limits.most_ratio * max(entry.compress_size, 1)


def _megabytes(limits: SpreadsheetLimits) -> int:
    return limits.most_unpacked_size // 1_000_000


def _scan(archive: ZipFile, entry: ZipInfo, limits: SpreadsheetLimits) -> PartExtent | None:
    """Read one part through; None for what is no XML (a picture, a printer's setting)."""
    with archive.open(entry) as part:
        chunk = part.read(_CHUNK)
        if not (entry.filename.endswith(_XML_NAMES) or chunk.lstrip().startswith(_XML_STARTS)):
            return None
        scan = _PartScan(limits)
        try:
            while chunk:
                scan.feed(chunk)
                chunk = part.read(_CHUNK)
            return scan.close()
        except expat.ExpatError:
            if entry.filename.endswith(_XML_NAMES):
                raise
            return None  # such as the drawings of comments: .vml is often no right XML


class _PartScan:
    """Counts what one XML part holds, and refuses it as soon as it holds too much."""

    def __init__(self, limits: SpreadsheetLimits) -> None:
        self._last_row = 0
        self._uncalculated_row = 0
        self._has_open_formula = False
        self._limits = limits
        self._row = 0
        self._rows_with_content = 0
        self._is_beyond = False
        self._last_column = _sortable(get_column_letter(limits.most_columns))
        self._characters = 0
        self._elements = 0
        self._shared_texts = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)  # noqa: FBT003 – expat's own signature

    def close(self) -> PartExtent:
        self._parser.Parse(b"", True)  # noqa: FBT003
        self._end_cell()
        return PartExtent(self._last_row, self._uncalculated_row)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._characters = 0
        self._elements += 1
        local = name.rpartition(" ")[2]
        if local == "row":
            self._start_row(attributes)
        elif local == "c":
            self._end_cell()
            self._is_beyond = _sortable(attributes.get("r", "")) > self._last_column
        elif local in {"v", "is", "f"}:
            self._see_content()
            self._has_open_formula = local == "f"
        elif local == "si":
            self._start_shared_text()
        if self._elements > _MOST_ELEMENTS:
            raise InvalidValue("import.file.too_much_formatting")

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._end_cell()
        self._elements = 0
        self._row = int(attributes["r"]) if "r" in attributes else self._row + 1

    def _end_cell(self) -> None:
        if self._has_open_formula:
            self._uncalculated_row = self._uncalculated_row or self._row
            self._has_open_formula = False

    def _see_content(self) -> None:
        if self._row != self._last_row:
            self._rows_with_content += 1
            self._check_rows()
        self._last_row = self._row
        if self._is_beyond:
            raise InvalidValue(
                "import.file.too_many_columns", most=self._limits.most_columns, row=self._row
            )

    def _check_rows(self) -> None:
        """Counting a million rows takes seconds; who may have 200,000 is told before that."""
        most = self._limits.most_rows
        if most is not None and self._rows_with_content > max(most, _ROWS_SCANNED) + 1:
            raise InvalidValue("import.file.too_many_rows", most=most)

    def _start_shared_text(self) -> None:
        self._elements = 0
        self._shared_texts += 1
        if self._shared_texts > self._limits.most_shared_texts:
            raise InvalidValue("import.file.too_many_texts")

    def _text(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > _MOST_CHARACTERS:
            raise InvalidValue("import.file.cell_too_long", most=self._limits.most_characters)

    def _doctype(self, *_: object) -> None:
        raise InvalidValue("import.file.unsafe")
