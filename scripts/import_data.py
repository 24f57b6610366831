"""Import an Excel or CSV file: `python -m scripts.import_data KIND FILE` (see docs/imports.md)."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from tqdm import tqdm

from wxbackend.app import create_app, settings_from_environment
from wxbackend.config.loading import ConfigurationError
from wxbackend.domain.actors import Actor, system_actor
from wxbackend.domain.errors import InvalidValue, ProductError
from wxbackend.domain.import_columns import Column, ImportKind
from wxbackend.domain.scope import DistrictScope
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.gateways.key_ring import KeyFileError
from wxbackend.gateways.spreadsheet_limits import COMMAND_LINE
from wxbackend.gateways.spreadsheet_writer import TableFile
from wxbackend.gateways.spreadsheets import OpenSpreadsheet, readable_name
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.import_reading import Batch, WrongRow
from wxbackend.services.import_reports import (
    preview_lines,
    problem_lines,
    reason_of,
    wrong_row_cells,
    wrong_row_headers,
)
from wxbackend.services.imports import ImportOrder, Preview, check_import, take_import

_MOST_ROWS_SHOWN = 20
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class Arguments:
    kind: ImportKind
    file: Path
    is_dry_run: bool
    skip_wrong: bool
    enterprise_code: str
    wrong_rows_file: Path | None

    @property
    def wrong_rows_path(self) -> Path | None:
        """Where wrong rows go; a dry run writes them only where it was told to."""
        if self.wrong_rows_file is not None or self.is_dry_run:
            return self.wrong_rows_file
        return self.file.with_name(f"{self.file.stem}.wrong{self.file.suffix.lower()}")


def parse(arguments: Sequence[str] | None = None) -> Arguments:
    parser = argparse.ArgumentParser(prog="python -m scripts.import_data", description=__doc__)
    add = parser.add_argument
    add(
        "kind",
        type=ImportKind,
        choices=list(ImportKind),
        metavar="KIND",
        help=", ".join(ImportKind),
    )
    add("file", type=Path, metavar="FILE", help=".xlsx, or .csv in UTF-8 or GB18030")
    add("--dry-run", action="store_true", help="check and say what would happen; write nothing")
    add("--skip-wrong", action="store_true", help="take the good rows although others are wrong")
    add("--enterprise", default="", metavar="CREDIT_CODE", help="employees: all go to this one")
    add(
        "--wrong-rows", type=Path, metavar="FILE", help="where wrong rows go (FILE.wrong.xlsx/.csv)"
    )
    given = parser.parse_args(arguments)
    kind = ImportKind(given.kind)
    if given.enterprise and kind is not ImportKind.EMPLOYEES:
        parser.error("--enterprise belongs to employees")
    if given.wrong_rows and given.wrong_rows.suffix.lower() not in {".xlsx", ".csv"}:
        parser.error("--wrong-rows needs a name that ends in .xlsx or .csv")
    if given.wrong_rows and given.wrong_rows.resolve() == given.file.resolve():
        parser.error("--wrong-rows must not be the file itself")
    return Arguments(
        kind=kind,
        file=given.file,
        is_dry_run=given.dry_run,
        skip_wrong=given.skip_wrong,
        enterprise_code=given.enterprise,
        wrong_rows_file=given.wrong_rows,
    )


class _WrongRows:
    """The first wrong rows for the terminal, and all of them in a file that only they make."""

    def __init__(self, path: Path | None, wording: Wording) -> None:
        self._path = path
        self._wording = wording
        self._stack = ExitStack()
        self._table: TableFile | None = None
        self._first: list[WrongRow] = []
        self._columns: tuple[Column, ...] = ()

    def __enter__(self) -> _WrongRows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, columns: tuple[Column, ...], rows: Sequence[WrongRow]) -> None:
        self._columns = columns
        self._first += rows[: _MOST_ROWS_SHOWN - len(self._first)]
        if self._path is None or not rows:
            return
        if self._table is None:
            table = TableFile(self._path, wrong_row_headers(columns))
            self._table = self._stack.enter_context(table)
        for row in rows:
            self._table.add(wrong_row_cells(self._wording, columns, row))

    def lines(self, count: int) -> Iterator[str]:
        """The first of `count` wrong rows in words."""
        yield from problem_lines(self._wording, self._columns, self._first)
        if count > len(self._first):
            rest = count - len(self._first)
            yield self._wording.text("import.preview.more_problems", count=rest)


class _Import:
    """One run of the command."""

    def __init__(self, arguments: Arguments, dependencies: Dependencies) -> None:
        self._arguments = arguments
        self._clock = dependencies.clock
        self._wording = dependencies.gateways.wording
        self._policy = dependencies.policy

    def run(self) -> int:
        """Check the file and take it; the process's exit status."""
        try:
            with OpenSpreadsheet(self._arguments.file, COMMAND_LINE) as sheet:
                return self._check_and_take(self._order(sheet))
        except InvalidValue as error:
            reason = reason_of(self._wording, error)
        except ProductError as error:
            reason = self._wording.text(f"refusal.{error.code}.text", **error.facts)
        except OSError as error:
            reason = readable_name(f"{error.filename}: {error.strerror}")
        print(self._wording.text("import.command.refused", reason=reason), file=sys.stderr)
        return 1

    def _order(self, sheet: OpenSpreadsheet) -> ImportOrder:
        return ImportOrder(
            kind=self._arguments.kind,
            sheet=sheet,
            actor=system_actor(f"import_data {_user()}"[:_LONGEST_LABEL]),
            scope=DistrictScope(),
            enterprise_code=self._arguments.enterprise_code,
        )

    def _check_and_take(self, order: ImportOrder) -> int:
        preview = self._check(order)
        if self._arguments.is_dry_run:
            self._say("import.command.dry_run")
            return 1 if preview.wrong and not self._arguments.skip_wrong else 0
        if preview.wrong and not self._arguments.skip_wrong:
            self._say("import.command.nothing_taken")
            return 1
        with self._progress(order, "import.command.taking") as bar:
            done = take_import(
                order,
                preview,
                wording=self._wording,
                policy=self._policy,
                clock=self._clock,
                leave_out_wrong=self._arguments.skip_wrong,
                watch=lambda _, batch: _advance(bar, batch),
            )
        self._say_taken(done)
        return 0

    def _check(self, order: ImportOrder) -> Preview:
        path = self._arguments.wrong_rows_path
        bar = self._progress(order, "import.command.checking")
        with bar, _WrongRows(path, self._wording) as wrong:

            def watch(columns: tuple[Column, ...], batch: Batch) -> None:
                wrong.add(columns, batch.wrong)
                _advance(bar, batch)

            preview = check_import(order, wording=self._wording, now=self._clock(), watch=watch)
        kind = self._wording.text(f"import.kind.{order.kind.value}")
        self._say("import.command.file", kind=kind, file=order.sheet.file_name)
        for line in [*preview_lines(self._wording, preview), *wrong.lines(preview.wrong)]:
            print(line)
        if preview.wrong and path is not None:
            self._say("import.command.wrong_file", file=readable_name(str(path)))
        return preview

    def _progress(self, order: ImportOrder, key: str) -> tqdm[NoReturn]:
        """A bar on the error stream; none where that is no terminal."""
        return tqdm(
            total=order.sheet.likely_rows,
            desc=self._wording.text(key),
            unit=self._wording.text("import.command.rows"),
            disable=None,
        )

    def _say_taken(self, done: Preview) -> None:
        self._say(
            "import.command.taken",
            new=done.new,
            changed=done.changed,
            unchanged=done.unchanged,
            wrong=done.wrong,
        )

    def _say(self, key: str, **facts: object) -> None:
        print(self._wording.text(key, **facts))


def take_whole_file(
    dependencies: Dependencies, kind: ImportKind, path: Path, *, actor: Actor
) -> Preview:
    """Take a file in which every row is right, without a word: for data that we made ourselves.

    Raises: InvalidValue, ProductError; then nothing was taken.
    """
    wording, clock = dependencies.gateways.wording, dependencies.clock
    with OpenSpreadsheet(path, COMMAND_LINE) as sheet:
        order = ImportOrder(kind=kind, sheet=sheet, actor=actor, scope=DistrictScope())
        checked = check_import(order, wording=wording, now=clock())
        return take_import(order, checked, wording=wording, policy=dependencies.policy, clock=clock)


def _advance(bar: tqdm[NoReturn], batch: Batch) -> None:
    bar.update(batch.rows_read)


def _user() -> str:
    """Who runs this, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        app = create_app(settings_from_environment(), with_web=False)
    except (ConfigurationError, KeyFileError) as error:
        raise SystemExit(str(error)) from None
    with app.app_context():
        return _Import(parsed, app.extensions["wxbackend"]).run()


if __name__ == "__main__":
    raise SystemExit(main())
