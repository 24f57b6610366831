"""CSV files as Excel, WPS and programs write them."""

from __future__ import annotations

import pytest

from tests.imports.files import write_csv
from tests.imports.test_file_kinds import read, refusal

ROWS = [["姓名★", "手机号★", "岗位"], ["李建国", "13800138000", "货车司机，押运员"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found(tmp_path, encoding, delimiter):
    rows = ROWS if encoding != "gbk" else [["姓名", *ROWS[0][1:]], ROWS[1]]
    path = write_csv(tmp_path / "a.csv", rows, encoding=encoding, delimiter=delimiter)
    assert read(path) == rows


def test_delimiters_inside_quotes_do_not_count(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"a,b,c,d";"e"\n1;2\n', encoding="utf-8")
    assert read(path) == [["a,b,c,d", "e"], ["1", "2"]]


def test_a_single_column_needs_no_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("证件号码\nH12345678\n", encoding="utf-8")
    assert read(path) == [["证件号码"], ["H12345678"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(tmp_path, end):
    path = tmp_path / "a.csv"
    path.write_bytes(end.join(["a,b", "", "1,2", ",", "3,4", "", ""]).encode())
    assert read(path) == [["a", "b"], [], ["1", "2"], [], ["3", "4"]]


def test_a_text_of_two_lines_is_one_row(tmp_path):
    path = write_csv(tmp_path / "a.csv", [["a", "b"], ["x\ny", "1"], ["z", "2"]])
    assert read(path)[2] == ["z", "2"]


def test_a_character_outside_gbk_is_read(tmp_path):
    rows = [["姓名"], ["𠮷建国"], ["李䶮"]]
    assert read(write_csv(tmp_path / "a.csv", rows, encoding="gb18030")) == rows


def test_a_quote_that_never_ends_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"2\n' + "3,4\n" * 1_000, encoding="utf-8")
    assert refusal(path) == "cell_too_long_in_row"
    path.write_text('a,b\n1,"2\n' + "3,4\n" * 100_000, encoding="utf-8")
    assert refusal(path) == "cell_too_long"


def test_blank_lines_at_the_end_are_no_rows_however_many(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n" + ",\n" * 20_000, encoding="utf-8")
    assert read(path) == [["a", "b"], ["1", "2"]]
    with path.open("a", encoding="utf-8") as file:
        file.write("3,4\n")
    assert refusal(path) == "blank_gap"
