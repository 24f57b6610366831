"""Uploads: a preview of 5,000 employees with mistakes, and what 100,000 tests cost the gate.

Everything happens in a folder of its own, on SQLite, where a writer keeps all others waiting.
"""

from __future__ import annotations

import argparse
import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from openpyxl import Workbook

from models import schema
from models.database import transaction
from scripts.district import add_defaults
from scripts.import_data import take_whole_file
from scripts.make_samples import write_files
from scripts.run import EXAMPLE
from scripts.sample_district import District, make_district
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import ImportKind, columns_of, template_headers
from wxbackend.domain.moments import to_local
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DistrictScope
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.services import uploads
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.upload_views import UploadView, show_upload
from wxbackend.services.upload_work import work_on_uploads
from wxbackend.services.uploads import NewUpload
from wxbackend.services.visitors import Member

EMPLOYEES, WRONG = 5_000, 137
_ACTOR = system_actor("bench")
_BUREAU = Member(Role.BUREAU, None, None, "", "", "", DistrictScope(), must_change_password=False)
Row = list[Cell]

# What is done to which column: twelve kinds of mistakes that real files have.
MISTAKES: Sequence[tuple[str, Callable[[Cell], Cell]]] = (
    ("id_number", lambda _: 440115198503120000),
    ("id_number", lambda cell: str(cell)[:-1]),
    ("id_number", lambda cell: str(cell)[:-1] + ("1" if str(cell)[-1] != "1" else "2")),
    ("id_number", lambda _: None),
    ("id_number", lambda _: "440115198513010019"),
    ("phone", lambda _: "12345678901"),
    ("phone", lambda _: "1.38E+10"),
    ("credit_code", lambda _: "91350100M000100Y43"),
    ("credit_code", lambda _: None),
    ("plate_number", lambda _: "粤AI2345"),
    ("id_type", lambda _: "驾驶证"),
    ("name", lambda _: "#N/A"),
)


def employee_rows(district: District, id_types: Mapping[str, str], count: int) -> list[Row]:
    """Right rows in the template's order, each of another person."""
    people = [one for one in district.employees if one.id_type.value == "resident_id"]
    return [
        [
            *(one.credit_codes[0], one.name, one.id_number, one.phone),
            *(id_types[one.id_type.value], one.plate_number, one.position),
        ]
        for one in people[:count]
    ]


def spoil(rows: Sequence[Row], wrong: int) -> dict[int, Row]:
    """Make `wrong` rows wrong, of every kind in turn; the right rows by their number in Excel."""
    names = [column.name for column in columns_of(ImportKind.EMPLOYEES)]
    step = len(rows) // wrong
    right = {}
    for number in range(wrong):
        row, (name, change) = rows[number * step], MISTAKES[number % len(MISTAKES)]
        right[number * step + 2] = list(row)
        place = names.index(name)
        row[place] = change(row[place])
    return right


def workbook(kind: ImportKind, rows: Sequence[Sequence[Cell]]) -> bytes:
    book, made = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append(template_headers(columns_of(kind)))
    for row in rows:
        sheet.append(list(row))
    book.save(made)
    return made.getvalue()


def upload(dependencies: Dependencies, kind: ImportKind, content: bytes, name: str) -> UploadView:
    public_id = uploads.receive(dependencies, _BUREAU, NewUpload(kind, name, content), actor=_ACTOR)
    work_on_uploads(dependencies)
    return show_upload(dependencies, _BUREAU, public_id)


@contextmanager
def district_of(people: int) -> Iterator[tuple[Flask, Dependencies, District]]:
    """A fresh installation whose enterprises are there, and the people to import."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        create_key_file(folder / "keys.toml")
        config = folder / "bench.toml"
        config.write_text(
            f'database.url = "sqlite:///{folder / "bench.sqlite3"}"\n'
            f'storage.files_folder = "{folder / "files"}"\n'
            f'storage.key_file = "{folder / "keys.toml"}"\n'
            'jobs.embedded = false\nlogging.level = "ERROR"\n',
            encoding="utf-8",
        )
        settings = load_settings([EXAMPLE, config])
        schema.upgrade(str(settings.database.url))
        app = create_app(settings, with_web=False)
        dependencies: Dependencies = app.extensions["wxbackend"]
        with app.app_context():
            district = make_district(dependencies.clock(), employees=people)
            add_defaults(dependencies)
            write_files(district, folder)
            kind = ImportKind.ENTERPRISES
            take_whole_file(dependencies, kind, folder / f"{kind}.xlsx", actor=_ACTOR)
            yield app, dependencies, district


def measure_preview() -> None:
    with district_of(EMPLOYEES * 2) as (_, dependencies, district):
        word = dependencies.gateways.wording.text
        id_types = {"resident_id": word("id_type.resident_id")}
        rows = employee_rows(district, id_types, EMPLOYEES)
        spoil(rows, WRONG)
        content = workbook(ImportKind.EMPLOYEES, rows)
        began = time.perf_counter()
        view = upload(dependencies, ImportKind.EMPLOYEES, content, "employees.xlsx")
        seconds = time.perf_counter() - began
        print(
            f"preview of {len(rows):,} employees: {seconds:.1f} s"
            f" ({view.counts['new']:,} new, {view.counts['wrong']} wrong)"
        )
        began = time.perf_counter()
        uploads.confirm(dependencies, _BUREAU, view.public_id, actor=_ACTOR)
        print(f"taking {view.to_write:,} rows: {time.perf_counter() - began:.1f} s")


def measure_wait(rows: int) -> None:
    """How long another writer waits while so many tests are checked and taken."""
    with district_of(1_000) as (app, dependencies, district):
        content = many_tests(dependencies, district, rows)
        waits: list[float] = []
        is_over = threading.Event()
        other = threading.Thread(target=_write_steadily, args=(app, dependencies, is_over, waits))
        other.start()
        began = time.perf_counter()
        view = upload(dependencies, ImportKind.NUCLEIC_ACID_TESTS, content, "tests.csv")
        checked = time.perf_counter()
        uploads.confirm(dependencies, _BUREAU, view.public_id, actor=_ACTOR)
        work_on_uploads(dependencies)
        taken = time.perf_counter()
        is_over.set()
        other.join()
        done = show_upload(dependencies, _BUREAU, view.public_id)
        print(
            f"{done.counts['new']:,} tests on SQLite: checked in {checked - began:.1f} s,"
            f" taken in {taken - checked:.1f} s ({done.state.value});"
            f" another writer waited {max(waits):.2f} s at most, {len(waits)} times written"
        )


def many_tests(dependencies: Dependencies, district: District, rows: int) -> bytes:
    headers = [column.header for column in columns_of(ImportKind.NUCLEIC_ACID_TESTS)]
    negative = dependencies.gateways.wording.text("nucleic_result.negative")
    newest = to_local(dependencies.clock())
    lines = [",".join(headers[:4])]
    for number in range(rows):
        one = district.employees[number % len(district.employees)]
        at = newest - timedelta(minutes=1 + number // len(district.employees))
        lines.append(f"{one.id_number},{at:%Y-%m-%d %H:%M},{negative},{one.name}")
    return "\n".join(lines).encode()


def _write_steadily(
    app: Flask, dependencies: Dependencies, is_over: threading.Event, waits: list[float]
) -> None:
    with app.app_context():
        while not is_over.is_set():
            began = time.perf_counter()
            with transaction() as session:
                record(session, _ACTOR, "bench", about=("bench", 0), now=dependencies.clock())
            waits.append(time.perf_counter() - began)
            time.sleep(0.02)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="tests (%(default)s)")
    given = parser.parse_args(arguments)
    measure_preview()
    measure_wait(given.rows)
