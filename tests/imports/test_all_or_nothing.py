"""SEC-E07: a file is taken as a whole, or nothing of it is, whatever happens on the way."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from models.audit import AuditEntry
from models.health_registers import NucleicAcidTestRow, RegisterStatus
from models.imports import ImportRun
from tests.command import Command
from tests.imports.desk import EVERYTHING, HEADERS, Desk
from tests.imports.files import write_csv, write_xlsx
from tests.imports.many import many_tests
from tests.people import resident_id
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import ImportKind
from wxbackend.gateways.spreadsheet_limits import COMMAND_LINE
from wxbackend.gateways.spreadsheets import OpenSpreadsheet
from wxbackend.services.imports import (
    ImportClash,
    ImportOrder,
    WrongRowsLeft,
    check_import,
    take_import,
)

KIND = ImportKind.NUCLEIC_ACID_TESTS
TABLES = (NucleicAcidTestRow, RegisterStatus, ImportRun, AuditEntry)


def row(number: int, result: str = "阴性") -> list[Any]:
    return [resident_id(number % 1000), f"2022-04-{1 + number // 1000:02} 08:05", result]


def file_of(desk: Desk, rows: list[list[Any]]) -> Path:
    return write_xlsx(desk.folder / "a.xlsx", [HEADERS[KIND][:3], *rows])


def nothing_was_written(desk: Desk) -> bool:
    return [desk.count(table) for table in TABLES] == [0] * len(TABLES)


def test_one_wrong_row_keeps_all_out(desk):
    path = file_of(desk, [*(row(n) for n in range(2_500)), row(2_500, "合格")])
    with pytest.raises(WrongRowsLeft) as left:
        desk.take(KIND, path)
    assert left.value.facts == {"count": 1}
    assert nothing_was_written(desk)


def test_the_good_rows_alone_are_taken_where_that_is_wanted(desk):
    path = file_of(desk, [row(1), row(2, "合格"), row(3)])
    done = desk.take(KIND, path, skip_wrong=True)
    assert (done.new, done.wrong) == (2, 1)
    assert desk.count(NucleicAcidTestRow) == 2
    assert [run.wrong_rows for run in desk.all(ImportRun)] == [1]


def test_good_rows_around_wrong_ones_change_nothing_the_second_time(desk):
    path = file_of(desk, [row(1), row(2, "合格"), row(3)])
    desk.take(KIND, path, skip_wrong=True)
    again = desk.take(KIND, path, skip_wrong=True)
    assert (again.new, again.changed, again.unchanged, again.wrong) == (0, 0, 2, 1)


def checked_order(desk: Desk, path: Path) -> tuple[OpenSpreadsheet, ImportOrder, Any]:
    sheet = OpenSpreadsheet(path, COMMAND_LINE)
    order = ImportOrder(kind=KIND, sheet=sheet, actor=system_actor("test"), scope=EVERYTHING)
    return sheet, order, check_import(order, wording=desk.wording, now=desk.now)


@pytest.mark.parametrize("change", ["more rows", "another value", "a wrong row"])
def test_a_file_changed_after_the_check_is_not_taken(desk, change):
    path = write_csv(desk.folder / "a.csv", [HEADERS[KIND][:3], row(1), row(2)])
    with path.open("rb+") as file:
        sheet, order, checked = checked_order(desk, path)
        file.seek(0, 2)
        added = {"more rows": row(3), "a wrong row": row(3, "合格")}.get(change)
        if added:
            file.write((",".join(added) + "\r\n").encode())
        else:
            file.seek(-8, 2)
            file.write("阳".encode())
    with sheet, pytest.raises(InvalidValue, match=r"import\.file\.changed"):
        take_import(
            order,
            checked,
            wording=desk.wording,
            policy=desk.policy,
            clock=desk.clock,
            leave_out_wrong=True,
        )
    assert nothing_was_written(desk)


def test_an_error_in_the_middle_leaves_nothing_behind(desk):
    path = file_of(desk, [row(n) for n in range(2_500)])
    sheet, order, checked = checked_order(desk, path)

    def watch(columns: object, batch: object) -> None:
        raise KeyboardInterrupt

    with sheet, pytest.raises(KeyboardInterrupt):
        take_import(
            order, checked, wording=desk.wording, policy=desk.policy, clock=desk.clock, watch=watch
        )
    assert nothing_was_written(desk)
    assert desk.take(KIND, path).new == 2_500


def test_two_imports_of_the_same_rows_clash_with_a_word(desk):
    """The database's constraint is the last word, whoever wrote the row in between."""
    path = file_of(desk, [row(1), row(2)])
    other = write_csv(desk.folder / "other.csv", [HEADERS[KIND][:3], row(1)])
    sheet, order, checked = checked_order(desk, path)

    def meanwhile(columns: object, batch: object) -> None:
        desk.take(KIND, other)

    with sheet, pytest.raises(ImportClash):
        take_import(
            order,
            checked,
            wording=desk.wording,
            policy=desk.policy,
            clock=desk.clock,
            watch=meanwhile,
        )
    assert desk.count(NucleicAcidTestRow) == 1
    assert desk.count(ImportRun) == 1


def writes_have_begun(database_url: str) -> Callable[[], bool]:
    """Whether a transaction has written rows of the import that are not committed yet."""
    if database_url.startswith("sqlite"):
        log = Path(database_url.removeprefix("sqlite:///") + "-wal")
        return lambda: log.exists() and log.stat().st_size > 1_000_000
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    question = text(
        "SELECT count(*) FROM pg_locks WHERE relation = 'nucleic_acid_test'::regclass"
        " AND mode = 'RowExclusiveLock'"
    )

    def begun() -> bool:
        with engine.connect() as connection:
            return bool(connection.execute(question).scalar_one())

    return begun


@pytest.mark.slow
def test_a_killed_import_leaves_nothing_and_can_be_repeated(desk, database_url, key_file):
    path = write_csv(desk.folder / "a.csv", many_tests(40_000, now=desk.now))
    command = Command("import_data", desk.folder, database_url=database_url, key_file=key_file)
    process = command.start(KIND, path)
    begun, end = writes_have_begun(database_url), time.monotonic() + 60
    while not begun():
        assert process.poll() is None, "the import ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert nothing_was_written(desk)
    done = command.run(KIND, path)
    assert done.returncode == 0, done.stderr
    assert desk.count(NucleicAcidTestRow) == 40_000
