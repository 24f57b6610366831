"""What the checking process makes of a file: its good rows, its wrong rows, and the counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import Column, ImportKind
from wxbackend.domain.import_rows import RowRules
from wxbackend.gateways.interfaces.sheets import Spreadsheet
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.gateways.spreadsheet_writer import TableFile
from wxbackend.services.import_prepared import to_line
from wxbackend.services.import_reading import CheckedFile, WrongRow
from wxbackend.services.import_reports import (
    reason_of,
    shown_value,
    wrong_row_cells,
    wrong_row_headers,
)

TASK, OUTCOME, ROWS, WRONG_ROWS = "task.json", "outcome.json", "rows.jsonl", "wrong.xlsx"
MOST_ROWS_SHOWN = 200
# One long text may stand in every cell of a small file; written out it would be gigabytes.
_MOST_WRONG_CHARACTERS = 20_000_000
_TITLES = ("name", "id_number")


class FileReport:
    """Reads one file and writes down, in `folder`, what is in it."""

    def __init__(self, folder: Path, wording: Wording) -> None:
        self._folder = folder
        self._wording = wording
        self._counts = {"rows": 0, "repeats": 0, "wrong": 0, "wrong_cells": 0}
        self._characters = 0
        self._shown: list[dict[str, Any]] = []

    def write(self, sheet: Spreadsheet, kind: ImportKind, rules: RowRules) -> None:
        """Raises: InvalidValue."""
        file = CheckedFile(sheet, kind, rules)
        path = self._folder / WRONG_ROWS
        with (
            (self._folder / ROWS).open("w", encoding="utf-8") as good,
            TableFile(path, wrong_row_headers(file.columns)) as table,
        ):
            for batch in file.batches():
                for number, record in zip(batch.numbers, batch.records, strict=True):
                    good.write(to_line(number, record))
                for row in batch.wrong:
                    table.add(wrong_row_cells(self._wording, file.columns, row))
                self._count(file.columns, batch.wrong)
                self._check_size(batch.wrong)
                self._counts["rows"] += len(batch.records) + batch.repeats + len(batch.wrong)
                self._counts["repeats"] += batch.repeats
        if not self._counts["wrong"]:
            path.unlink()
        ignored = [name[:40] for name in file.layout.ignored]
        write_outcome(self._folder, {**self._counts, "ignored": ignored, "wrong_rows": self._shown})

    def _count(self, columns: Sequence[Column], rows: Sequence[WrongRow]) -> None:
        self._counts["wrong"] += len(rows)
        self._counts["wrong_cells"] += sum(len(row.errors) for row in rows)
        self._shown += [
            self._wrong_row(columns, row) for row in rows[: MOST_ROWS_SHOWN - len(self._shown)]
        ]

    def _check_size(self, rows: Sequence[WrongRow]) -> None:
        self._characters += sum(len(str(cell)) for row in rows for cell in row.cells.values())
        if self._characters > _MOST_WRONG_CHARACTERS:
            raise InvalidValue("import.file.too_many_texts")

    def _wrong_row(self, columns: Sequence[Column], row: WrongRow) -> dict[str, Any]:
        titles = {
            column.name: shown_value(column, row.cells.get(column.name))
            for column in columns
            if column.name in _TITLES
        }
        cells = [
            [
                column.header,
                shown_value(column, row.cells.get(column.name)),
                reason_of(self._wording, row.errors[column.name]),
            ]
            for column in columns
            if column.name in row.errors
        ]
        title = next((titles[name] for name in _TITLES if titles.get(name)), "")
        return {"row": row.number, "title": title, "cells": cells}


def write_refusal(folder: Path, error: InvalidValue) -> None:
    write_outcome(folder, {"refused": {"code": error.code, "facts": dict(error.facts)}})


def write_outcome(folder: Path, content: dict[str, Any]) -> None:
    (folder / OUTCOME).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
