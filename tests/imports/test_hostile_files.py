"""SEC-E05: files made to hurt. Each is answered in under ten seconds and 300 MB."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.imports.files import MAIN, write_parts
from tests.servers import ROOT

HEAD = f'<worksheet xmlns="{MAIN}">'
MOST_SECONDS, MOST_MEGABYTES = 10, 300


def measured(path: Path, limits: str = "command") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.imports.measured", "open", str(path), limits],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["seconds"] < MOST_SECONDS, found
    assert found["peak_mb"] < MOST_MEGABYTES, found
    return found


def sheet_of(rows: str, before: str = "") -> str:
    return f"{HEAD}{before}<sheetData>{rows}</sheetData></worksheet>"


def stream_part(path: Path, name: str, pieces: Any, **parts: str | bytes) -> Path:
    """A workbook whose part `name` is too large to be built in memory."""
    write_parts(path, parts.pop("sheet", sheet_of("")), more=dict(parts))
    whole = path.with_suffix(".part")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        with new.open(name, "w") as part:
            for piece in pieces:
                part.write(piece)
    return whole.rename(path)


LIMITS = pytest.mark.parametrize("limits", ["command", "upload"])


@LIMITS
def test_one_cell_in_the_last_corner(tmp_path, limits):
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = write_parts(tmp_path / "a.xlsx", sheet_of(row))
    assert path.stat().st_size < 5_000
    assert measured(path, limits)["code"] == "import.file.too_many_columns"


@LIMITS
def test_a_dimension_and_formats_of_the_whole_sheet(tmp_path, limits):
    before = '<dimension ref="A1:XFD1048576"/>'
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row>'
    assert measured(write_parts(tmp_path / "a.xlsx", sheet_of(row, before)), limits)["rows"] == 1


@pytest.mark.parametrize("before", ["", '<dimension ref="A1:B2"/>'])
def test_a_million_formatted_rows_without_content(tmp_path, before):
    rows = (
        f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>'.encode()
        for n in range(2, 1_000_001)
    )
    first = f'{HEAD}{before}<sheetData><row r="1"><c r="A1"><v>5</v></c></row>'.encode()
    path = stream_part(
        tmp_path / "a.xlsx",
        "xl/worksheets/sheet1.xml",
        [first, *rows, b"</sheetData></worksheet>"],
    )
    assert measured(path)["rows"] == 1
    assert measured(path, "upload")["code"] in {
        "import.file.too_large_unpacked",
        "import.file.ratio",
        "",
    }


def test_content_behind_a_million_blank_rows_is_not_lost_in_silence(tmp_path):
    rows = (
        '<row r="1"><c r="A1"><v>5</v></c></row><row r="1000000"><c r="A1000000"><v>5</v></c></row>'
    )
    found = measured(write_parts(tmp_path / "a.xlsx", sheet_of(rows)))
    assert found["code"] == "import.file.blank_gap"


def long_text(part: str) -> dict[str, Any]:
    text = b"A" * 1_000_000
    if part == "xl/sharedStrings.xml":
        head, tail = f'<sst xmlns="{MAIN}"><si><t>'.encode(), b"</t></si></sst>"
    else:
        head = f'{HEAD}<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'.encode()
        tail = b"</t></is></c></row></sheetData></worksheet>"
    return {"name": part, "pieces": (p for p in [head, *[text] * 300, tail])}


@LIMITS
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_three_hundred_megabytes_in_one_cell(tmp_path, part, limits):
    path = stream_part(tmp_path / "a.xlsx", **long_text(part))
    assert path.stat().st_size < 1_000_000
    code = measured(path, limits)["code"]
    assert code in {"import.file.ratio", "import.file.too_large_unpacked"}


def test_a_long_text_that_does_not_pack_is_found_while_reading(tmp_path):
    """Noise has an ordinary ratio; the length of the text gives it away."""
    noise = random.Random(1)
    pieces = [f"{HEAD}<sheetData><row><c t='inlineStr'><is><t>".encode()]
    pieces += [noise.randbytes(500_000).hex().encode() for _ in range(50)]
    pieces += [b"</t></is></c></row></sheetData></worksheet>"]
    path = stream_part(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", pieces)
    assert measured(path)["code"] == "import.file.cell_too_long"


def test_a_long_text_in_cdata_is_found_too(tmp_path):
    pieces = [f"{HEAD}<sheetData><row><c t='inlineStr'><is><t><![CDATA[".encode()]
    pieces += [b"<" * 1_000_000] * 20 + [b"]]></t></is></c></row></sheetData></worksheet>"]
    path = stream_part(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", pieces)
    code = measured(path)["code"]
    assert code in {"import.file.ratio", "import.file.cell_too_long"}


def test_a_row_of_millions_of_cells(tmp_path):
    noise = random.Random(1)
    cells = (f'<c s="{noise.randrange(10**6)}"/>'.encode() for _ in range(3_000_000))
    pieces = [f"{HEAD}<sheetData><row>".encode(), *cells, b"</row></sheetData></worksheet>"]
    path = stream_part(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", pieces)
    assert measured(path)["code"] == "import.file.too_much_formatting"


def test_a_table_of_millions_of_texts(tmp_path):
    noise = random.Random(1)
    texts = (f"<si><t>{noise.randrange(10**9)}</t></si>".encode() for _ in range(1_100_000))
    pieces = [f'<sst xmlns="{MAIN}">'.encode(), *texts, b"</sst>"]
    path = stream_part(tmp_path / "a.xlsx", "xl/sharedStrings.xml", pieces)
    assert measured(path, "upload")["code"] == "import.file.too_many_texts"


def test_a_style_sheet_of_hundreds_of_thousands_of_formats(tmp_path):
    noise = random.Random(1)
    styles = (f'<xf numFmtId="{noise.randrange(10**6)}"/>'.encode() for _ in range(300_000))
    pieces = [f'<styleSheet xmlns="{MAIN}"><cellXfs>'.encode(), *styles]
    end = b"</cellXfs></styleSheet>"
    path = stream_part(tmp_path / "a.xlsx", "xl/styles.xml", [*pieces, end])
    assert measured(path)["code"] == "import.file.too_much_formatting"


@pytest.mark.parametrize("name", ["xl/styles.xml", "xl/workbook.xml", "xl/theme/theme1.xml"])
def test_a_part_that_is_read_whole_is_not_a_large_sheet_in_disguise(tmp_path, name):
    rows = (
        f'<row r="{n}"><c r="A{n}"><v>{n * 7919}</v></c></row>'.encode() for n in range(400_000)
    )
    pieces = [f"{HEAD}<sheetData>".encode(), *rows, b"</sheetData></worksheet>"]
    path = stream_part(tmp_path / "a.xlsx", name, pieces)
    assert measured(path)["code"] == "import.file.too_much_formatting"


LAUGHS = "".join(
    f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{f"&l{n - 1};" * 9 if n else ""}">'
    for n in range(10)
)
ENTITIES = {
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "quadratic": f'<!DOCTYPE x [<!ENTITY l9 "{"A" * 50_000}">]>',
    "external": '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>',
}


@pytest.mark.parametrize("declared", ENTITIES.values(), ids=ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part(tmp_path, declared, encoding):
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    head = f'<?xml version="1.0" encoding="{encoding}"?>{declared}'
    sheet = f"{head}{sheet_of(cell)}".encode(encoding)
    assert measured(write_parts(tmp_path / "a.xlsx", sheet))["code"] == "import.file.unsafe"
    shared = f'{head}<sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'.encode(encoding)
    path = write_parts(tmp_path / "b.xlsx", sheet_of(""), shared=shared)
    assert measured(path)["code"] == "import.file.unsafe"
    hidden: dict[str, str | bytes] = {"docProps/core.xml": f"{head}<x>&l9;</x>".encode(encoding)}
    path = write_parts(tmp_path / "c.xlsx", sheet_of(""), more=hidden)
    assert measured(path)["code"] == "import.file.unsafe"


@LIMITS
def test_an_archive_of_a_hundred_thousand_parts(tmp_path, limits):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"xl/{number}"), b"")
    assert measured(path, limits)["code"] == "import.file.too_many_parts"


def test_a_bomb_in_another_packing_is_refused(tmp_path):
    path = write_parts(tmp_path / "a.xlsx", sheet_of(""))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"<" * 1_000_000)
    assert measured(path)["code"] == "import.file.damaged"


def test_deeply_nested_elements(tmp_path):
    depth = 90_000
    cell = "<row><c t='inlineStr'><is>" + "<r>" * depth + "</r>" * depth + "</is></c></row>"
    assert measured(write_parts(tmp_path / "a.xlsx", sheet_of(cell)))["code"] in {
        "import.file.damaged",
        "",
    }


@LIMITS
def test_a_csv_file_of_one_endless_line(tmp_path, limits):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        for _ in range(19):
            file.write(b"A," * 500_000)
    assert measured(path, limits)["code"] == "import.file.cell_too_long"


def test_a_csv_file_of_a_million_blank_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n" + b",\n" * 1_000_000)
    assert measured(path)["rows"] == 2
