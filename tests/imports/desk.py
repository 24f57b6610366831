"""The desk where files are imported in tests: one call an import, and the tables afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase

from models.database import db
from tests.configuration import EXAMPLE
from tests.conftest import TestClock
from tests.imports.files import write_xlsx
from wxbackend.config.settings import load_settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.import_columns import Column, ImportKind, columns_of
from wxbackend.domain.scope import DistrictScope, Scope
from wxbackend.gateways.spreadsheet_limits import COMMAND_LINE, SpreadsheetLimits
from wxbackend.gateways.spreadsheets import OpenSpreadsheet
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.services.import_reading import Batch, WrongRow
from wxbackend.services.import_reports import reason_of
from wxbackend.services.imports import ImportOrder, Preview, check_import, take_import

TOWNS = (
    "南沙街道",
    "珠江街道",
    "龙穴街道",
    "万顷沙镇",
    "横沥镇",
    "黄阁镇",
    "东涌镇",
    "大岗镇",
    "榄核镇",
)
EVERYTHING = DistrictScope()
Row = TypeVar("Row", bound=DeclarativeBase)
HEADERS = {kind: [column.header for column in columns_of(kind)] for kind in ImportKind}


class Desk:
    def __init__(self, wording: WordingCatalogue, clock: TestClock, folder: Path) -> None:
        self.wording = wording
        self.policy = load_settings([EXAMPLE]).policy
        self.clock = clock
        self.folder = folder
        self.wrong: list[WrongRow] = []

    @property
    def now(self) -> datetime:
        return self.clock.now

    def check(
        self, kind: ImportKind, file: Path | Sequence[Sequence[Any]], **options: Any
    ) -> Preview:
        with self._open(file, kind, options.pop("limits", COMMAND_LINE)) as sheet:
            return self._check(self._order(kind, sheet, options))

    def take(
        self,
        kind: ImportKind,
        file: Path | Sequence[Sequence[Any]],
        *,
        skip_wrong: bool = False,
        **options: Any,
    ) -> Preview:
        """Check and take; the wrong rows of the check stay in `wrong`."""
        with self._open(file, kind, options.pop("limits", COMMAND_LINE)) as sheet:
            order = self._order(kind, sheet, options)
            checked = self._check(order)
            return take_import(
                order,
                checked,
                wording=self.wording,
                policy=self.policy,
                clock=self.clock,
                leave_out_wrong=skip_wrong,
            )

    def problems(self) -> list[tuple[int, str, str]]:
        """(row, column, code) of every wrong cell of the last check."""
        return [
            (row.number, name, error.code)
            for row in self.wrong
            for name, error in row.errors.items()
        ]

    def reasons(self) -> list[str]:
        return [reason_of(self.wording, e) for row in self.wrong for e in row.errors.values()]

    def all(self, table: type[Row]) -> list[Row]:
        with db.session.begin():
            rows = list(db.session.scalars(select(table).order_by(*table.__mapper__.primary_key)))
            db.session.expunge_all()
        return rows

    def count(self, table: type[Row]) -> int:
        with db.session.begin():
            return db.session.scalar(select(func.count()).select_from(table)) or 0

    def add(self, *rows: object) -> None:
        with db.session.begin():
            db.session.add_all(rows)

    def _open(
        self, file: Path | Sequence[Sequence[Any]], kind: ImportKind, limits: SpreadsheetLimits
    ) -> OpenSpreadsheet:
        if not isinstance(file, Path):
            file = write_xlsx(self.folder / f"{kind}.xlsx", [HEADERS[kind], *file])
        return OpenSpreadsheet(file, limits)

    def _order(
        self, kind: ImportKind, sheet: OpenSpreadsheet, options: dict[str, Any]
    ) -> ImportOrder:
        scope: Scope = options.pop("scope", EVERYTHING)
        return ImportOrder(
            kind=kind, sheet=sheet, actor=system_actor("test"), scope=scope, **options
        )

    def _check(self, order: ImportOrder) -> Preview:
        self.wrong = []

        def watch(columns: tuple[Column, ...], batch: Batch) -> None:
            self.wrong += batch.wrong

        return check_import(order, wording=self.wording, now=self.now, watch=watch)
