"""What a large export costs: its time, the server's memory, and whether every cell reads back.

A gunicorn with one worker serves a district of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from openpyxl import load_workbook

from models import schema
from models.bulk import add_rows
from models.database import transaction
from models.employees import Employee, new_employee
from models.enterprises import Enterprise
from models.places import list_towns
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.gb_checks import credit_check_character, resident_check_character
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.roles import Role
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import add_towns

ROOT = Path(__file__).resolve().parent.parent
_EXAMPLE = ROOT / "config.example.toml"
_ACTOR = system_actor("bench")
_PART = 2_000
_WAIT_SECONDS = 60
_NUMBER = re.compile(r"[0-9]{17}[0-9X]|[0-9]{11}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`numbers` are the cells that hold a whole number; `wrong` those that are not text.

    `before` is the server's memory when the export begins, `peak` the most it held meanwhile.
    """

    rows: int
    seconds: float
    before_megabytes: int
    peak_megabytes: int
    file_bytes: int
    numbers: int
    wrong: int


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench_exports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=8199)
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="wxbackend-bench-") as folder:
        config = _prepare(Path(folder), asked.port)
        app = create_app(load_settings([_EXAMPLE, config]), with_web=False)
        with app.app_context():
            dependencies: Dependencies = app.extensions["wxbackend"]
            add_towns(dependencies, ["东涌镇"], actor=_ACTOR)
            fill_rosters(dependencies, asked.rows)
            new = NewAccount("bench", Role.BUREAU, "bench", "")
            password = create_account(dependencies, new, must_change=False, actor=_ACTOR)
        with _serving(config, asked.port) as pid:
            url = f"http://127.0.0.1:{asked.port}"
            outcome = export_over_http(url, pid, account="bench", password=password)
    print(outcome)
    if outcome.rows != asked.rows or outcome.wrong:
        raise SystemExit("the file does not hold what it should")


def fill_rosters(dependencies: Dependencies, count: int) -> None:
    """One enterprise in the first town, with so many people on its roster."""
    now = dependencies.clock()
    with transaction() as session:
        code = "91440115MA5999999"
        enterprise = Enterprise(
            name="番禺区大件运输有限公司",
            credit_code=code + credit_check_character(code),
            town_id=list_towns(session)[0].id,
            created_at=now,
            updated_at=now,
        )
        session.add(enterprise)
        session.flush()
        enterprise_id = enterprise.id
    for start in range(0, count, _PART):
        with transaction() as session:
            numbers = range(start, min(start + _PART, count))
            rows = [_person(number) for number in numbers]
            common = {"enterprise_id": enterprise_id, "created_at": now, "updated_at": now}
            add_rows(session, Employee, [new_employee({**row, **common}) for row in rows])


def export_over_http(url: str, pid: int, *, account: str, password: str) -> Outcome:
    """Take everybody with clear numbers and every column, as a browser does."""
    browser = requests.Session()
    _post(browser, f"{url}/office/sign-in", account=account, password=password)
    address = f"{url}/office/exports/new?kind=drivers"
    columns = re.findall(r'name="columns" value="(\w+)"', browser.get(address, timeout=60).text)
    before = _megabytes(pid, "VmRSS")
    _forget_peak(pid)
    start = time.monotonic()
    page = _post(browser, address, range="all", numbers="clear", reason="bench", columns=columns)
    seconds = time.monotonic() - start
    found = re.search(r'href="(/office/exports/\w+/file)"', page)
    if found is None:
        raise SystemExit("the export did not end in a file")
    content = browser.get(url + found[1], timeout=60).content
    peak = _megabytes(pid, "VmHWM")
    rows, numbers, wrong = read_back(content)
    return Outcome(rows, round(seconds, 1), before, peak, len(content), numbers, wrong)


def read_back(content: bytes) -> tuple[int, int, int]:
    """Rows under the headers, cells that hold a person's number, and those that are no text."""
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    rows = numbers = wrong = 0
    for rows, row in enumerate(sheet.iter_rows(min_row=2), start=1):  # noqa: B007 – counted
        for cell in row:
            if cell.value is not None and _NUMBER.fullmatch(str(cell.value)):
                numbers += 1
                wrong += cell.data_type not in {"s", "inlineStr"}
            wrong += cell.data_type == "f"
    return rows, numbers, wrong


def _megabytes(pid: int, what: str) -> int:
    """The memory of a server's workers, by its name in /proc: the largest counts."""
    sizes = []
    for worker in _workers(pid):
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
        sizes.append(int(found[1]) // 1024 if found else 0)
    return max(sizes)


def _forget_peak(pid: int) -> None:
    """Let the peak be counted from now: signing in has needed memory of its own (argon2)."""
    for worker in _workers(pid):
        Path(f"/proc/{worker}/clear_refs").write_text("5")


def _workers(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _person(number: int) -> dict[str, object]:
    born = date(1960, 1, 1) + timedelta(days=number // 1000)
    digits = f"440115{born:%Y%m%d}{number % 1000:03}"
    return {
        "name": f"李建国{chr(0x4E00 + number % 997)}",
        "id_type": IdType.RESIDENT_ID,
        "id_number": digits + resident_check_character(digits),
        "phone": f"138{number:08}",
        "plate_number": f"粤A{number % 100_000:05}",
        "position": "货车司机",
    }


def _prepare(folder: Path, port: int) -> Path:
    config = folder / "bench.toml"
    content = {
        "server.public_base_url": f"http://127.0.0.1:{port}",
        "database.url": f"sqlite:///{folder / 'bench.sqlite3'}",
        "storage.files_folder": str(folder / "files"),
        "storage.key_file": str(folder / "keys.toml"),
        "jobs.embedded": False,
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in content.items()]
    config.write_text("".join(lines), encoding="utf-8")
    create_key_file(folder / "keys.toml")
    schema.upgrade(f"sqlite:///{folder / 'bench.sqlite3'}")
    return config


@contextmanager
def _serving(config: Path, port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8"]
    environment = os.environ | {"WXBACKEND_CONFIG": os.pathsep.join([str(_EXAMPLE), str(config)])}
    with (config.parent / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz")
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(address: str) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _post(browser: requests.Session, address: str, **fields: str | list[str]) -> str:
    page = browser.get(address, timeout=60).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    sent = {**fields, "csrf_token": token[1] if token else ""}
    return browser.post(address, sent, timeout=600).text
