"""The invented district: right by every check, every case in it, and the same for one seed."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, datetime

import pytest

from models.employees import Employee
from models.enterprises import Enterprise
from scripts.make_samples import main, make_district, write_files
from tests.imports.desk import HEADERS
from tests.imports.test_file_kinds import read
from tests.servers import ROOT
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.moments import DISTRICT_TIME, local_day
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidTest, classify_tests
from wxbackend.domain.vaccination import Vaccination, count_doses

SAMPLES = ROOT / "docs" / "samples"
MADE_WITH = ["--today", "2022-04-22", "--employees", "200"]
NOON = datetime(2022, 4, 22, 12, 0, tzinfo=DISTRICT_TIME)
FILES = [f"{kind}{end}" for kind in ImportKind for end in (".xlsx", "-with-mistakes.xlsx")]


@pytest.fixture(scope="module")
def district():
    return make_district(NOON)


def test_a_district_has_the_size_that_was_asked_for(district):
    assert (len(district.enterprises), len(district.employees)) == (40, 600)
    small = make_district(NOON, enterprises=1, employees=5)
    assert (len(small.enterprises), len(small.employees)) == (1, 5)


def test_every_town_has_enterprises(district, wording):
    towns = Counter(one.town for one in district.enterprises)
    assert set(towns) == set(wording.text("default.towns").split())
    assert min(towns.values()) >= 4


@pytest.mark.parametrize("hour", [12, 17, 22])
def test_everybody_is_of_the_intended_class_for_hours(district, hour):
    now = NOON.replace(hour=hour)
    for one in district.employees:
        tests = [
            NucleicAcidTest(test.tested_at, test.result)
            for test in district.tests
            if test.id_number == one.id_number
        ]
        found = classify_tests(tests, now)
        assert found.kind is one.nucleic_acid
        assert (found.test.result if found.test else None) is one.result


def test_everybody_has_the_intended_doses(district):
    for one in district.employees:
        doses = [
            Vaccination(dose.dose_number, dose.vaccinated_on)
            for dose in district.vaccinations
            if dose.id_number == one.id_number
        ]
        assert len(doses) == one.doses
        assert count_doses(doses, local_day(NOON)).doses == one.doses
        days = [dose.vaccinated_on for dose in sorted(doses, key=lambda dose: dose.dose_number)]
        assert days == sorted(days)


def test_every_case_occurs_in_every_combination(district):
    cases = {(one.nucleic_acid, one.result, one.doses) for one in district.employees}
    kinds = {(kind, result) for kind, result, _ in cases}
    assert len(kinds) == 8
    assert {kind for kind, _ in kinds} == set(NucleicAcidClass) - {NucleicAcidClass.UNAVAILABLE}
    assert cases == {(*kind, doses) for kind, doses in itertools.product(kinds, range(5))}


def test_a_few_people_stand_on_two_rosters_and_have_other_documents(district):
    rosters = Counter(len(one.credit_codes) for one in district.employees)
    assert rosters[1] > 500
    assert rosters[2] > 5
    assert len({one.id_type for one in district.employees}) >= 3
    residents = [one for one in district.employees if one.id_type is IdType.RESIDENT_ID]
    assert len(residents) > 550


def test_no_number_is_given_twice(district):
    for values in (
        [one.id_number for one in district.employees],
        [one.credit_code for one in district.enterprises],
        [one.name for one in district.enterprises],
        [one.plate_number for one in district.employees],
        [one.phone for one in district.employees] + [e.lead_phone for e in district.enterprises],
    ):
        assert len(set(values)) == len(values)


def test_plates_of_every_kind_occur(district):
    plates = [one.plate_number for one in district.employees]
    assert any(plate.endswith("挂") for plate in plates)
    assert any(len(plate) == 8 for plate in plates)
    assert sum(plate.startswith("粤A") for plate in plates) > 150


def test_one_seed_makes_one_district(district):
    assert make_district(NOON) == district
    assert make_district(date(2022, 4, 22)).tests == district.tests
    assert make_district(NOON, seed=7).employees != district.employees


def test_every_right_file_is_taken_and_the_second_time_changes_nothing(desk, tmp_path):
    write_files(make_district(desk.now, employees=120), tmp_path)
    for kind in ImportKind:
        done = desk.take(kind, tmp_path / f"{kind}.xlsx")
        assert done.wrong == 0
        assert done.new > 30
        again = desk.take(kind, tmp_path / f"{kind}.xlsx")
        assert (again.new, again.changed, again.wrong) == (0, 0, 0)
    tests = ImportKind.NUCLEIC_ACID_TESTS
    same = desk.take(tests, tmp_path / f"{tests}.csv")
    assert (same.new, same.changed, same.wrong) == (0, 0, 0)
    assert desk.count(Enterprise) == 40
    assert desk.count(Employee) >= 120


@pytest.mark.parametrize("kind", ImportKind)
def test_every_mistake_is_found_and_every_right_row_is_not(desk, tmp_path, kind):
    write_files(make_district(desk.now, employees=60), tmp_path)
    desk.take(ImportKind.ENTERPRISES, tmp_path / "enterprises.xlsx")
    path = tmp_path / f"{kind}-with-mistakes.xlsx"
    checked = desk.check(kind, path)
    notes = [row[-1] for row in read(path)[1:]]
    wrong = [number for number, note in enumerate(notes, 2) if note != "正确"]
    assert [row.number for row in desk.wrong] == wrong
    assert checked.good == notes.count("正确") == 5
    assert checked.ignored_columns == ("说明",)


def test_the_committed_samples_are_what_the_command_makes(tmp_path):
    main([*MADE_WITH, "--out", str(tmp_path / "a")])
    main([*MADE_WITH, "--out", str(tmp_path / "b")])
    names = {*FILES, "nucleic-acid-tests.csv"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == names
    assert {path.name for path in SAMPLES.iterdir()} == {*names, "README.md"}
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
        assert read(tmp_path / "a" / name) == read(SAMPLES / name)


def test_samples_are_small_and_their_headers_bold_and_marked():
    from openpyxl import load_workbook

    for kind in ImportKind:
        path = SAMPLES / f"{kind}.xlsx"
        assert path.stat().st_size < 60_000
        sheet = load_workbook(path).worksheets[0]
        header, first = list(sheet.iter_rows(max_row=2))
        assert all(cell.font.bold for cell in header)
        assert [str(cell.value).removesuffix("★") for cell in header] == HEADERS[kind]
        names = [str(cell.value) for cell in header]
        for name in ("证件号码★", "手机号★", "负责人手机号★", "统一社会信用代码★"):
            if name in names:
                cell = first[names.index(name)]
                assert (cell.data_type, cell.number_format) == ("s", "@")


def test_the_samples_readme_names_every_file_and_column():
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for kind in ImportKind:
        assert f"{kind}.xlsx" in text
        for header in HEADERS[kind]:
            assert header in text
