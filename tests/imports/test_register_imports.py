"""核酸 and 疫苗: rows, corrections, and how far the registers reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models.database import reading
from models.health_registers import (
    NucleicAcidTestRow,
    Register,
    RegisterStatus,
    VaccinationRow,
    find_tests,
    find_vaccinations,
    list_tests_of_people,
)
from models.imports import ImportRun
from tests.imports.desk import EVERYTHING, Desk
from tests.imports.files import write_xlsx
from tests.people import resident_id
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.moments import to_local
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.scope import EnterpriseScope, NoScope, TownScope

TESTS, DOSES = ImportKind.NUCLEIC_ACID_TESTS, ImportKind.VACCINATIONS
NOW = datetime(2022, 4, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_april(desk: Desk) -> None:
    desk.clock.now = NOW


def swab(number: int, hours_ago: float = 5, result: str = "阴性", **more: Any) -> list[Any]:
    at = to_local(NOW - timedelta(hours=hours_ago))
    return [
        resident_id(number),
        f"{at:%Y-%m-%d %H:%M:%S}",
        result,
        more.get("name", "李建国"),
        more.get("sampled_at", f"{at - timedelta(hours=3):%Y-%m-%d %H:%M}"),
        more.get("agency"),
    ]


def dose_row(number: int, dose: Any = 1, on: Any = "2021-06-01", **more: Any) -> list[Any]:
    return [
        resident_id(number),
        dose,
        on,
        more.get("name", "李建国"),
        more.get("maker", "北京生物"),
    ]


def status(desk: Desk, register: Register) -> tuple[datetime | None, datetime] | None:
    found = [row for row in desk.all(RegisterStatus) if row.register is register]
    return (found[0].data_until, found[0].imported_at) if found else None


def test_new_tests_are_in_the_register(desk):
    done = desk.take(TESTS, [swab(1), swab(1, 30), swab(2, result="阳性")])
    assert (done.new, done.changed, done.unchanged, done.wrong) == (3, 0, 0, 0)
    with reading() as session:
        found = list_tests_of_people(session, EVERYTHING, [resident_id(1)])[resident_id(1)]
        assert [row.tested_at for row in found] == [
            NOW - timedelta(hours=5),
            NOW - timedelta(hours=30),
        ]
        assert (found[0].result, found[0].name) == (NucleicAcidResult.NEGATIVE, "李建国")
        assert found[0].sampled_at == NOW - timedelta(hours=8)
        assert found[0].agency == ""


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (TESTS, [swab(n, n) for n in range(1, 6)]),
        (DOSES, [dose_row(n, 1 + n % 4) for n in range(1, 6)]),
    ],
)
def test_the_same_file_twice_changes_nothing(desk, kind, rows):
    desk.take(kind, rows)
    again = desk.take(kind, rows)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    assert desk.count(NucleicAcidTestRow) + desk.count(VaccinationRow) == 5


def test_a_corrected_result_changes_the_test(desk):
    desk.take(TESTS, [swab(1)])
    done = desk.take(TESTS, [swab(1, result="可疑", agency="南沙第一检验所")])
    assert (done.new, done.changed) == (0, 1)
    (row,) = desk.all(NucleicAcidTestRow)
    assert (row.result, row.agency) == (NucleicAcidResult.SUSPECT, "南沙第一检验所")


def test_empty_cells_and_absent_columns_leave_what_is_stored(desk):
    desk.take(TESTS, [swab(1, agency="南沙第一检验所")])
    assert desk.take(TESTS, [swab(1, name="", sampled_at=None)]).unchanged == 1
    short = [["证件号码", "检测时间", "检测结果"], swab(1)[:3]]
    assert desk.take(TESTS, write_xlsx(desk.folder / "short.xlsx", short)).unchanged == 1
    (row,) = desk.all(NucleicAcidTestRow)
    assert (row.name, row.agency) == ("李建国", "南沙第一检验所")
    assert row.sampled_at is not None


def test_a_dose_is_one_per_person_and_number(desk):
    desk.take(DOSES, [dose_row(1, 1), dose_row(1, "第二针", "2021年7月1日"), dose_row(2)])
    done = desk.take(DOSES, [dose_row(1, "1", "2021/6/2"), dose_row(1, 3, 44671)])
    assert (done.new, done.changed) == (1, 1)
    with reading() as session:
        keys = [(resident_id(1), n) for n in (1, 2, 3, 4)]
        found = find_vaccinations(session, EVERYTHING, keys)
        assert {number: row.vaccinated_on for (_, number), row in found.items()} == {
            1: date(2021, 6, 2),
            2: date(2021, 7, 1),
            3: date(2022, 4, 20),
        }


def test_other_peoples_rows_lie_outside_a_narrow_scope(desk):
    desk.take(TESTS, [swab(1)])
    key = (resident_id(1), NOW - timedelta(hours=5))
    with reading() as session:
        assert key in find_tests(session, EVERYTHING, [key])
        for scope in (NoScope(), TownScope(1), EnterpriseScope(frozenset({1}))):
            assert find_tests(session, scope, [key]) == {}


def test_an_import_says_how_far_the_register_reaches(desk):
    desk.take(TESTS, [swab(1, 30), swab(2, 5)])
    assert status(desk, Register.NUCLEIC_ACID) == (NOW - timedelta(hours=5), NOW)
    assert status(desk, Register.VACCINATION) is None


def test_an_older_file_does_not_take_the_register_back(desk):
    desk.take(TESTS, [swab(1, 5)])
    desk.clock.advance(hours=2)
    desk.take(TESTS, [swab(2, 100)])
    reached = status(desk, Register.NUCLEIC_ACID)
    assert reached == (NOW - timedelta(hours=5), NOW + timedelta(hours=2))


def test_a_test_of_tomorrow_is_no_news_of_today(desk):
    desk.take(TESTS, [swab(1, 5), swab(2, -3)])
    assert status(desk, Register.NUCLEIC_ACID) == (NOW - timedelta(hours=5), NOW)


def test_a_file_of_tomorrow_alone_reaches_nowhere(desk):
    desk.take(TESTS, [swab(2, -3)])
    assert status(desk, Register.NUCLEIC_ACID) == (None, NOW)


def test_unchanged_rows_are_news_too(desk):
    desk.take(TESTS, [swab(1, 5)])
    desk.clock.advance(hours=1)
    assert desk.take(TESTS, [swab(1, 5)]).unchanged == 1
    assert status(desk, Register.NUCLEIC_ACID) == (NOW - timedelta(hours=5), desk.now)


def test_vaccinations_reach_to_the_districts_midnight(desk):
    desk.take(DOSES, [dose_row(1, 1, "2022-04-20"), dose_row(2, 1, "2022-04-19")])
    midnight = datetime(2022, 4, 19, 16, 0, tzinfo=UTC)
    assert status(desk, Register.VACCINATION) == (midnight, NOW)


def test_an_import_without_rows_says_nothing_of_the_register(desk):
    done = desk.take(TESTS, [])
    assert done.good == 0
    assert status(desk, Register.NUCLEIC_ACID) is None
    assert desk.count(ImportRun) == 1


def test_a_check_writes_nothing(desk):
    desk.check(TESTS, [swab(1)])
    assert desk.count(NucleicAcidTestRow) == desk.count(ImportRun) == 0
    assert status(desk, Register.NUCLEIC_ACID) is None


def test_identical_repeats_are_unchanged_and_contradictions_wrong(desk):
    rows = [swab(1), swab(1), swab(1, result="阳性"), swab(2)]
    checked = desk.check(TESTS, rows)
    assert (checked.new, checked.unchanged, checked.wrong) == (2, 1, 1)
    assert desk.problems() == [(4, "id_number", "import.row.repeated")]
    done = desk.take(TESTS, rows, skip_wrong=True)
    assert (done.new, done.unchanged, done.wrong) == (2, 1, 1)
    with reading() as session:
        found = list_tests_of_people(session, EVERYTHING, [resident_id(1)])[resident_id(1)]
        assert [row.result for row in found] == [NucleicAcidResult.NEGATIVE]


def test_a_repeat_is_found_across_batches(desk):
    rows = [swab(n % 1000, n / 50) for n in range(1, 2_600)]
    rows += [rows[0], [*rows[1][:2], "阳性", *rows[1][3:]]]
    checked = desk.check(TESTS, rows)
    assert (checked.new, checked.unchanged, checked.wrong) == (2_599, 1, 1)
    assert desk.problems() == [(2_602, "id_number", "import.row.repeated")]
    assert "第 3 行" in desk.reasons()[0]


def test_any_document_may_stand_in_a_register(desk):
    rows = [swab(1), swab(2), swab(3)]
    rows[1][0], rows[2][0] = "H12345678", "12345"
    desk.take(TESTS, rows)
    assert {row.id_number for row in desk.all(NucleicAcidTestRow)} == {
        resident_id(1),
        "H12345678",
        "12345",
    }
