"""What is written to a table is what is read from it, and no text becomes a formula."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imports.files import cell_time
from tests.imports.test_file_kinds import read
from wxbackend.domain.import_cells import parse_text
from wxbackend.gateways.spreadsheet_writer import TableFile

FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", '=HYPERLINK("http://x")', " =1", "＋1"]
# Any text but what XML cannot hold; blank cells are read as None and left out.
TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=60
).filter(lambda text: bool(text.strip()))
CELLS = st.one_of(
    TEXTS,
    st.sampled_from(FORMULAS),
    st.sampled_from(["_x0041_", "_x005F_", "a_x000D_b", "'quoted", "<b>&amp;</b>", "]]>"]),
    st.integers(-(10**9), 10**15),
    st.datetimes(cell_time(2000, 1, 1), cell_time(2099, 12, 31)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)


def write(path: Path, rows: list[list[Any]]) -> Path:
    with TableFile(path, ["标题★"]) as table:
        for row in rows:
            table.add(row)
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8))
def test_a_workbook_gives_back_every_cell(tmp_path, rows):
    assert read(write(tmp_path / "a.xlsx", rows))[1:] == rows


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=8))
def test_a_csv_file_gives_back_every_text(tmp_path, rows):
    found = read(write(tmp_path / "a.csv", rows))[1:]
    assert [[_unmarked(cell) for cell in row] for row in found] == [
        [_unmarked(cell) for cell in row] for row in rows
    ]


def _unmarked(cell: str) -> str:
    """As the import takes it: the mark of a text that looks like a formula is gone."""
    return cell.strip().removeprefix("'").strip()


@pytest.mark.parametrize("text", FORMULAS)
def test_a_workbook_holds_no_formula(tmp_path, text):
    path = write(tmp_path / "a.xlsx", [[text]])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet
    assert sheet.count('t="inlineStr"') == 2


@pytest.mark.parametrize("text", FORMULAS)
def test_a_csv_file_holds_no_formula_and_gives_the_text_back(tmp_path, text):
    path = write(tmp_path / "a.csv", [[text]])
    line = path.read_text(encoding="utf-8-sig").splitlines()[1]
    assert line.startswith("\"'")
    ((cell,),) = read(path)[1:]
    assert parse_text(cell, longest=100) == text.strip()


def test_characters_that_xml_cannot_hold_are_left_out(tmp_path):
    row = ["a\x0bb\x00c\ud800d\ufffee", float("inf")]
    assert read(write(tmp_path / "a.xlsx", [row]))[1:] == [["abcde", "inf"]]
    assert read(write(tmp_path / "b.csv", [row]))[1:] == [["abcde", "inf"]]


def test_a_spoilt_number_does_not_look_whole_in_a_csv_file(tmp_path):
    found = read(write(tmp_path / "a.csv", [[440115199001011000, 13800138000, 4.4e17]]))
    assert found[1] == ["4.40115E+17", "13800138000", "4.40000E+17"]


def test_a_table_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "a.xlsx"
    with pytest.raises(ValueError), TableFile(path, ["a"]) as table:  # noqa: PT012
        table.add([1])
        assert not path.exists()
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_reads_a_table_unless_it_is_public(tmp_path):
    for name in ("a.xlsx", "a.csv"):
        assert write(tmp_path / name, [["x"]]).stat().st_mode & 0o777 == 0o600
        with TableFile(tmp_path / name, ["a"], is_public=True):
            pass
        assert (tmp_path / name).stat().st_mode & 0o044 == 0o044


def test_the_same_table_of_the_same_time_has_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        with TableFile(tmp_path / name, ["a"], made_at=datetime(2022, 4, 20)) as table:  # noqa: DTZ001
            table.add(["x", 1, cell_time(2022, 4, 20, 8, 5)])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
