"""From a file's rows to checked records in batches, and the wrong rows beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import Column, ImportKind, columns_of
from wxbackend.domain.import_layout import Layout, are_notes, find_layout
from wxbackend.domain.import_repeats import Repeats
from wxbackend.domain.import_rows import Record, RowRules, parse_row
from wxbackend.gateways.interfaces.sheets import Spreadsheet

ROWS_A_BATCH = 1_000
_KEY_COLUMNS = {ImportKind.ENTERPRISES: "credit_code"}


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row by its number in Excel, its cells by column name, and what is wrong with which."""

    number: int
    cells: Mapping[str, Cell]
    errors: Mapping[str, InvalidValue]


@dataclass(slots=True)
class Batch:
    """Some rows of the file. `numbers` belong to `records`; repeats say nothing new."""

    records: list[Record] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    repeats: int = 0
    wrong: list[WrongRow] = field(default_factory=list)
    rows_read: int = 0


class CheckedFile:
    """One reading of a file: its layout, then its rows in batches."""

    def __init__(self, sheet: Spreadsheet, kind: ImportKind, rules: RowRules) -> None:
        """Raises: InvalidValue for a file without its columns."""
        self._kind = kind
        self._rules = rules
        self._repeats = Repeats()
        self._rows = enumerate(sheet.rows(), 1)
        self.columns = columns_of(kind, for_one_enterprise=rules.only_enterprise is not None)
        self.layout = self._find_layout(self.columns)

    def batches(self) -> Iterator[Batch]:
        while rows := list(islice(self._rows, ROWS_A_BATCH)):
            batch = Batch(rows_read=len(rows))
            for number, cells in rows:
                if cells and not are_notes(cells):
                    self._check(number, self.layout.pick(cells), batch)
            yield batch

    def _find_layout(self, columns: Sequence[Column]) -> Layout:
        for _, cells in self._rows:
            if cells:
                return find_layout(columns, cells)
        raise InvalidValue("import.file.empty")

    def _check(self, number: int, cells: Mapping[str, Cell], batch: Batch) -> None:
        key_column = _KEY_COLUMNS.get(self._kind, "id_number")
        try:
            record = parse_row(self._kind, cells, self._rules)
            if self._repeats.is_repeat(record, number=number, key_column=key_column):
                batch.repeats += 1
                return
        except InvalidForm as form:
            batch.wrong.append(WrongRow(number, cells, form.errors))
            return
        batch.records.append(record)
        batch.numbers.append(number)
