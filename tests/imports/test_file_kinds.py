"""What is opened, and what is refused with a word on what to do."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.imports.files import MAIN, cell_time, write_csv, write_excel, write_parts, write_xlsx
from wxbackend.domain.errors import InvalidValue
from wxbackend.gateways.spreadsheet_archive import inspect_archive
from wxbackend.gateways.spreadsheet_limits import COMMAND_LINE, UPLOAD, SpreadsheetLimits
from wxbackend.gateways.spreadsheet_xlsx import _Archive
from wxbackend.gateways.spreadsheets import OpenSpreadsheet

ROWS: list[list[Any]] = [
    ["姓名", "手机号"],
    ["李建国", 13800138000],
    [None, None],
    ["陈志强", "13900139000"],
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(path: Path, limits: SpreadsheetLimits = COMMAND_LINE) -> list[list[Any]]:
    """The rows without the empty cells at their ends."""
    with OpenSpreadsheet(path, limits) as sheet:
        return [_short(row) for row in sheet.rows()]


def _short(row: Any) -> list[Any]:
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def refusal(path: Path, limits: SpreadsheetLimits = COMMAND_LINE) -> str:
    with pytest.raises(InvalidValue) as wrong:
        read(path, limits)
    return wrong.value.code.removeprefix("import.file.")


@pytest.mark.parametrize("write", [write_xlsx, write_excel])
def test_a_workbook_is_read_row_by_row(tmp_path, write):
    found = read(write(tmp_path / "a.xlsx", ROWS))
    assert found == [["姓名", "手机号"], ["李建国", 13800138000], [], ["陈志强", "13900139000"]]


def test_a_wrong_dimension_loses_no_row(tmp_path):
    path = write_excel(tmp_path / "a.xlsx", ROWS, dimension="A1:A2")
    assert len(read(path)) == 4


def test_rows_and_cells_may_lack_their_addresses(tmp_path):
    cells = '<c t="inlineStr"><is><t>姓名</t></is></c><c><v>5</v></c>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row>{cells}</row><row>{cells}</row>'
    path = write_parts(tmp_path / "a.xlsx", f"{sheet}</sheetData></worksheet>")
    assert read(path) == [["姓名", 5]] * 2


def test_rows_that_a_file_leaves_out_count(tmp_path):
    row = '<row r="{0}"><c r="B{0}"><v>{0}</v></c></row>'
    body = row.format(2) + row.format(5)
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    found = read(write_parts(tmp_path / "a.xlsx", sheet))
    assert found == [[], [None, 2], [], [], [None, 5]]


def test_content_far_to_the_right_is_refused_and_formats_are_not(tmp_path):
    row = '<row r="3"><c r="A3"><v>1</v></c><c r="AN3"><v>2</v></c><c r="{}"/></row>'
    for address, is_content in [("AO3", False), ("AO3", True), ("XFD3", False), ("AAA3", True)]:
        cells = row.format(address)
        cells = cells.replace("/></row>", "><v>3</v></c></row>") if is_content else cells
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        path = write_parts(tmp_path / "a.xlsx", sheet)
        if is_content:
            assert refusal(path) == "too_many_columns"
        else:
            assert len(read(path)[2]) == 40


def test_a_formula_counts_by_its_value_and_without_one_is_refused(tmp_path):
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{{}}</sheetData></worksheet>'
    row = '<row r="{0}"><c r="A{0}" t="str"><f>B1</f>{1}</c><c r="B{0}"><v>2</v></c></row>'
    path = write_parts(tmp_path / "a.xlsx", sheet.format(row.format(1, "<v>阴性</v>")))
    assert read(path) == [["阴性", 2]]
    path = write_parts(tmp_path / "a.xlsx", sheet.format(row.format(1, "<v></v>")))
    assert read(path) == [[None, 2]]
    rows = row.format(1, "<v>1</v>") + row.format(7, "")
    assert refusal(write_parts(tmp_path / "a.xlsx", sheet.format(rows))) == "uncalculated"
    last = '<row r="1"><c r="A1"><f>NOW()</f></c></row>'
    assert refusal(write_parts(tmp_path / "a.xlsx", sheet.format(last))) == "uncalculated"


def test_a_date_cell_is_a_moment(tmp_path):
    path = write_excel(tmp_path / "a.xlsx", [[cell_time(2022, 4, 20, 8, 5)]])
    assert read(path) == [[cell_time(2022, 4, 20, 8, 5)]]


def test_excels_escapes_are_read(tmp_path):
    path = write_excel(tmp_path / "a.xlsx", [["李建国_x000D_\n司机", "a_x0041_b", "x_y_z"]])
    assert read(path) == [["李建国\r\n司机", "aAb", "x_y_z"]]


def test_a_number_too_large_for_a_date_is_an_error_value(tmp_path):
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" s="1"><v>99999999</v></c>'
    path = write_parts(tmp_path / "a.xlsx", f"{sheet}</row></sheetData></worksheet>")
    assert read(path) == [["#VALUE!"]]


def test_the_first_visible_sheet_counts(tmp_path):
    from openpyxl import Workbook

    workbook = Workbook()
    first = workbook.worksheets[0]
    first.append(["hidden"])
    first.sheet_state = "hidden"
    workbook.create_chartsheet("chart")
    workbook.create_sheet("data").append(["seen"])
    workbook.create_sheet("more").append(["not read"])
    workbook.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == [["seen"]]


def test_a_file_is_read_as_often_as_one_likes(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", ROWS)
    with OpenSpreadsheet(path, COMMAND_LINE) as sheet:
        assert list(sheet.rows()) == list(sheet.rows())
        assert sheet.likely_rows == 4
        assert len(sheet.fingerprint()) == 64


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.xls", OLE + b"\0" * 600, "xls"),
        ("a.xlsx", OLE + b"\0" * 600, "xls"),
        ("a.xlsx", OLE + b"\0" * 2_000_000 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.xls", b"<html><table><tr><td>x</td></tr></table></html>", "html"),
        ("a.xlsx", b"\r\n<!DOCTYPE html><html>", "html"),
        ("a.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "html"),
        ("a.xlsx", "姓名,手机号\n".encode(), "not_xlsx"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n", "not_xlsx"),
        ("a.xls", "姓名\t手机号\n".encode("gb18030"), "xls"),
        ("a.txt", "姓名,手机号\n".encode(), "kind"),
        ("a.pdf", b"%PDF-1.7", "kind"),
        ("a.xlsx", b"PK\x03\x04 and nothing more", "damaged"),
        ("a.csv", b"PK\x03\x04 and nothing more", "not_csv"),
        ("a.csv", "姓名,手机号\n".encode("utf-16"), "not_text"),
        ("a.csv", b"\x00\x01\x02", "not_text"),
        ("a.csv", b"\xff\xff\xff\xff,\xff", "encoding"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


def test_a_workbook_with_macros_is_refused_by_name_and_by_content(tmp_path):
    assert refusal(write_xlsx(tmp_path / "a.xlsx", ROWS).rename(tmp_path / "a.xlsm")) == "macros"
    for part in ("xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"):
        path = write_parts(tmp_path / "b.xlsx", "<worksheet/>", more={part: b"\xd0\xcf"})
        assert refusal(path) == "macros"


def test_pictures_and_comments_do_not_matter(tmp_path):
    """A comment's drawing is often no right XML; nobody reads it."""
    more: dict[str, str | bytes] = {
        "xl/drawings/vmlDrawing1.vml": "<xml><div>a<br>b</div></xml>",
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n",
        "xl/printerSettings/printerSettings1.bin": b"\x00" * 100,
    }
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>5</v></c></row>'
    path = write_parts(tmp_path / "a.xlsx", f"{sheet}</sheetData></worksheet>", more=more)
    assert read(path) == [[5]]


def test_a_part_that_was_not_looked_into_is_not_read(tmp_path):
    path = write_parts(tmp_path / "a.xlsx", "<worksheet/>")
    extents = inspect_archive(path, COMMAND_LINE)
    del extents["xl/worksheets/sheet1.xml"]
    with _Archive(path, extents, COMMAND_LINE) as archive:
        assert archive.read("xl/styles.xml")
        with pytest.raises(KeyError):
            archive.open("xl/worksheets/sheet1.xml")


def test_a_zip_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refusal(tmp_path / "a.xlsx") == "not_xlsx"


def test_a_workbook_with_a_password_on_its_zip_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", ROWS)
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "encrypted"


def test_a_workbook_cut_off_or_altered_is_damaged(tmp_path):
    content = write_xlsx(tmp_path / "a.xlsx", ROWS).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[: len(content) // 2])
    assert refusal(tmp_path / "cut.xlsx") == "damaged"
    path = write_parts(tmp_path / "b.xlsx", f'<worksheet xmlns="{MAIN}"><sheetData><row>')
    assert refusal(path) == "damaged"
    cell = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c t="s"><v>7</v></c></row>'
    path = write_parts(tmp_path / "c.xlsx", f"{cell}</sheetData></worksheet>")
    assert refusal(path) == "damaged"


def test_a_workbook_without_content_has_no_rows(tmp_path):
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" s="1"/></row></sheetData>'
    assert read(write_parts(tmp_path / "a.xlsx", f"{sheet}</worksheet>")) == []


LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"most_file_size": 100}, "too_large"),
    ({"most_unpacked_size": 100}, "too_large_unpacked"),
    ({"most_rows": 1}, "too_many_rows"),
    ({"most_columns": 1}, "too_many_columns"),
    ({"most_characters": 5}, "cell_too_long_in_row"),
    ({"most_entries": 5}, "too_many_parts"),
    ({"most_shared_texts": 3}, "too_many_texts"),
    ({"most_small_part_size": 300}, "too_much_formatting"),
    ({"most_small_part_size": 1, "most_ratio": 1}, "ratio"),
    ({"most_blank_rows": 0}, "blank_gap"),
]


@pytest.mark.parametrize(("limit", "code"), LIMITS)
def test_every_limit_holds(tmp_path, limit, code):
    path = write_excel(tmp_path / "a.xlsx", ROWS)
    read(path, UPLOAD)
    assert refusal(path, dataclasses.replace(UPLOAD, **limit)) == code


@pytest.mark.parametrize(("limit", "code"), LIMITS[2:5])
def test_the_limits_of_rows_and_cells_hold_for_csv_too(tmp_path, limit, code):
    path = write_csv(tmp_path / "a.csv", ROWS)
    read(path, UPLOAD)
    assert refusal(path, dataclasses.replace(UPLOAD, **limit)) == code


def test_limits_are_met_exactly_and_not_below(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", ROWS)
    exact = dataclasses.replace(
        UPLOAD, most_rows=2, most_columns=2, most_characters=11, most_blank_rows=1
    )
    assert len(read(path, exact)) == 4


def test_the_uploads_limits_are_the_documented_ones():
    assert (UPLOAD.most_file_size, UPLOAD.most_unpacked_size) == (20_000_000, 60_000_000)
    assert (UPLOAD.most_rows, UPLOAD.most_columns, UPLOAD.most_ratio) == (200_000, 40, 60)
    assert (UPLOAD.most_entries, UPLOAD.most_characters) == (200, 1_000)
    assert COMMAND_LINE.most_rows is None
