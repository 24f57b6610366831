"""SEC-E05, SEC-E07: hostile files against a live server, and processes killed on the way."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from models.database import reading
from models.health_registers import NucleicAcidTestRow
from models.import_uploads import UploadState
from models.imports import ImportRun
from tests.imports.files import MAIN, write_parts
from tests.imports.many import many_tests
from tests.imports.test_hostile_files import (
    ENTITIES,
    HEAD,
    long_text,
    sheet_of,
    stream_part,
)
from tests.people import ACTOR
from tests.uploads.office import TESTS, Office
from wxbackend.domain.roles import Role
from wxbackend.services import uploads
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.upload_work import sweep_uploads, work_on_uploads

MOST_MEGABYTES = 300
MOST_SECONDS = 10  # on a machine that has nothing else to do
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def office(story, tmp_path):
    return Office(story, tmp_path)


class Clerk:
    """A bureau user in a browser of their own."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.page = ""
        self.worker = 0  # the process id of the server's one worker
        self.get("/office/sign-in")
        self.post("/office/sign-in", {"account": name, "password": password})

    def get(self, path: str) -> requests.Response:
        return self._keep(self.http.get(self.url + path, timeout=60))

    def post(self, path: str, fields: dict[str, str], file: Path | None = None):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token, self.page[:300]
        files = {"file": (file.name, file.read_bytes(), EXCEL)} if file else None
        fields = {"csrf_token": token[1], **fields}
        return self._keep(self.http.post(self.url + path, fields, files=files, timeout=60))

    def upload(self, file: Path) -> str:
        """The page in the end; a large file is checked in the background."""
        self.get("/office/imports/new/nucleic-acid-tests")
        answer = self.post("/office/imports/new/nucleic-acid-tests", {}, file)
        while "Refresh" in answer.headers:
            time.sleep(0.2)
            answer = self._keep(self.http.get(answer.url, timeout=60))
        return self.page

    def _keep(self, answer: requests.Response) -> requests.Response:
        self.page = answer.text
        return answer


@pytest.fixture
def clerk(story, config, live_app):
    lines = config.read_text().replace("jobs.embedded = false", "jobs.embedded = true")
    config.write_text(lines)
    new = NewAccount("clerk", Role.BUREAU, "何某某")
    password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
    app = live_app(1)
    clerk = Clerk(app.url, "clerk", password)
    clerk.worker = worker_of(app)
    return clerk


def worker_of(app) -> int:
    """The process id of gunicorn's one worker."""
    return int(Path(f"/proc/{app._process.pid}/task/{app._process.pid}/children").read_text())


def load() -> float:
    """How many programs wait for each processor."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def peak_megabytes(process_id: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process_id}/status").read_text())
    return int(found[1]) // 1024


def last_corner(path: Path) -> Path:
    return write_parts(path, sheet_of('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def false_dimension(path: Path) -> Path:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 40_000))
    return write_parts(path, sheet_of(rows, '<dimension ref="A1:B2"/>'))


def a_million_rows(path: Path) -> Path:
    rows = (f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>'.encode() for n in range(1, 1_000_001))
    head = f'{HEAD}<dimension ref="A1:B2"/><sheetData>'.encode()
    name = "xl/worksheets/sheet1.xml"
    return stream_part(path, name, [head, *rows, b"</sheetData></worksheet>"])


def one_huge_cell(path: Path) -> Path:
    return stream_part(path, **long_text("xl/sharedStrings.xml"))


def entities(kind: str):
    def write(path: Path) -> Path:
        cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
        return write_parts(path, f"<?xml version='1.0'?>{ENTITIES[kind]}{sheet_of(cell)}")

    return write


def many_cells_of_one_long_text(path: Path) -> Path:
    """Small, within every limit of the archive, and gigabytes when it is written out."""
    cells = "".join(f'<c r="{column}%d" t="s"><v>0</v></c>' for column in "ABCDEF")
    rows = (f'<row r="{n}">{cells.replace("%d", str(n))}</row>'.encode() for n in range(2, 120_000))
    headers = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{title}</t></is></c>'
        for c, title in zip(
            "ABCDEF",
            ["证件号码", "检测时间", "检测结果", "姓名", "采样时间", "检测机构"],
            strict=True,
        )
    )
    head = f'{HEAD}<sheetData><row r="1">{headers}</row>'.encode()
    shared = f'<sst xmlns="{MAIN}"><si><t>{"长" * 900}</t></si></sst>'
    name = "xl/worksheets/sheet1.xml"
    pieces = [head, *rows, b"</sheetData></worksheet>"]
    return stream_part(path, name, pieces, **{"xl/sharedStrings.xml": shared})


HOSTILE = {
    "one cell in the last corner": last_corner,
    "a dimension that lies": false_dimension,
    "a million rows": a_million_rows,
    "300 MB in one cell": one_huge_cell,
    "billion laughs": entities("billion laughs"),
    "external entity": entities("external"),
}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_hostile_files_are_refused_and_the_server_lives_on(clerk, tmp_path):
    for name, write in HOSTILE.items():
        path = write(tmp_path / "hostile.xlsx")
        began = time.monotonic()
        page = clerk.upload(path)
        seconds = time.monotonic() - began
        sys.stdout.write(f"{name}: {seconds:.1f} s, {peak_megabytes(clerk.worker)} MB\n")
        assert "文件未通过检查" in page, name
        assert seconds < MOST_SECONDS * max(1, load()), name
        assert clerk.get("/office/imports").ok
        assert peak_megabytes(clerk.worker) < MOST_MEGABYTES, name
        path.unlink()
    assert Path(f"/proc/{clerk.worker}").exists()
    work = tmp_path / "files" / "work"
    assert list(work.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_file_that_unfolds_while_it_is_written_out_is_refused(clerk, tmp_path):
    page = clerk.upload(many_cells_of_one_long_text(tmp_path / "hostile.xlsx"))
    assert "文件未通过检查" in page
    assert peak_megabytes(clerk.worker) < MOST_MEGABYTES
    assert clerk.get("/office/imports").ok


# ---- killed on the way -------------------------------------------------------------------------


def upload_many(office, rows: int):
    """An upload of many tests, checked by the job of this process."""
    lines = (",".join(map(str, row)) for row in many_tests(rows, now=office.dependencies.clock()))
    view = office.upload(bureau := office.bureau(), TESTS, "\n".join(lines).encode(), "a.csv")
    work_on_uploads(office.dependencies)
    return bureau, office.show(bureau, view.public_id)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_killed_while_it_takes_a_file_leaves_all_or_nothing(
    office, clock, config, live_worker, is_postgresql
):
    bureau, view = upload_many(office, 40_000)
    assert view.counts["new"] == 40_000
    uploads.confirm(office.dependencies, bureau, view.public_id, actor=ACTOR)
    worker = live_worker()
    end = time.monotonic() + 60
    while state_of(office) != "taking":
        assert time.monotonic() < end, worker.log()
        time.sleep(0.01)
    time.sleep(0.5)
    worker.stop(signal.SIGKILL)
    found = office.count(NucleicAcidTestRow)
    assert found == (40_000 if state_of(office) == "taken" else 0)
    clock.advance(minutes=30)  # the dead worker's lease has ended
    work_on_uploads(office.dependencies)
    assert office.show(bureau, view.public_id).state is UploadState.TAKEN
    assert office.count(NucleicAcidTestRow) == 40_000
    assert office.count(ImportRun) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_a_killed_checker_left_is_swept(office, clock, config, live_worker, tmp_path):
    lines = (",".join(map(str, row)) for row in many_tests(60_000, now=clock.now))
    office.upload(bureau := office.bureau(), TESTS, "\n".join(lines).encode(), "a.csv")
    work = tmp_path / "files" / "work"
    worker = live_worker()
    end = time.monotonic() + 60
    while not any(work.glob("*/rows.jsonl")):
        assert time.monotonic() < end, worker.log()
        time.sleep(0.01)
    worker.stop(signal.SIGKILL)
    assert len(list(work.iterdir())) == 1
    sweep_uploads(office.dependencies)
    assert list(work.iterdir()) == []
    assert bureau.account_id


def state_of(office) -> str:
    with reading() as session:
        return str(session.execute(text("SELECT state FROM import_upload")).scalar_one())
