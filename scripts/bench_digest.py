"""What the Excel file of a large digest costs, beside bare openpyxl with as many cells.

The district is one of its own in a temporary folder; each file is written by a process of its own,
which tells its time and how much its memory grew.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from openpyxl import Workbook, load_workbook

from models import schema
from scripts.bench_passages import fill_window
from scripts.servers import ROOT
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.digests import Window
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digest_files import COLUMNS, write_digest_file
from wxbackend.services.district_setup import add_checkpoints, add_towns

Answer = TypeVar("Answer")
MOST_SECONDS, MOST_MEGABYTES = 15, 150
_EXAMPLE = ROOT / "config.example.toml"
_ACTOR = system_actor("bench")
_NO_TIME = timedelta(microseconds=1)
_WINDOW = Window(datetime(2022, 4, 21, 10, tzinfo=UTC), datetime(2022, 4, 22, 4, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Cost:
    """`megabytes`: by how much the peak memory grew while the file was written.

    `busy_seconds` are the processor's, which a busy machine does not stretch.
    """

    seconds: float
    busy_seconds: float
    megabytes: float

    def __str__(self) -> str:
        busy = f"{self.busy_seconds:5.1f} s busy"
        return f"{self.seconds:5.1f} s  {busy}  {self.megabytes:5.0f} MB"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench digest", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args(arguments).rows
    with TemporaryDirectory(prefix="wxbackend-bench-") as name:
        folder = Path(name)
        config = _prepare(folder)
        _in_a_process(_fill, config, rows)
        path = folder / "digest.xlsx"
        ours = _in_a_process(_write, config, path)
        bare = _in_a_process(_write_bare, folder / "bare.xlsx", rows)
        written = _count_rows(path)
    print(f"{rows:,} passages, {len(COLUMNS)} columns")
    print(f"  digest         {ours}")
    print(f"  bare openpyxl  {bare}")
    print(f"  ours is {ours.busy_seconds / bare.busy_seconds:.1f} times the floor")
    if written != rows:
        raise SystemExit(f"the file holds {written:,} rows")
    if ours.busy_seconds > MOST_SECONDS or ours.megabytes > MOST_MEGABYTES:
        raise SystemExit(f"more than {MOST_SECONDS} s or {MOST_MEGABYTES} MB")


def measured(work: Callable[[], object]) -> Cost:
    """What the work costs this process."""
    before = _kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from now
    began, began_work = time.monotonic(), time.process_time()
    work()
    seconds, busy_seconds = time.monotonic() - began, time.process_time() - began_work
    return Cost(seconds, busy_seconds, (_kilobytes("VmHWM") - before) / 1024)


def _in_a_process(work: Callable[..., Answer], *arguments: object) -> Answer:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _fill(config: Path, rows: int) -> None:
    app = create_app(load_settings([_EXAMPLE, config]), with_web=False)
    with app.app_context():
        dependencies: Dependencies = app.extensions["wxbackend"]
        add_towns(dependencies, ["东涌镇"], actor=_ACTOR)
        add_checkpoints(dependencies, ["东涌卡口"], actor=_ACTOR)
        fill_window(dependencies, _WINDOW, rows)


def _write(config: Path, path: Path) -> Cost:
    app = create_app(load_settings([_EXAMPLE, config]), with_web=False)
    with app.app_context():
        dependencies: Dependencies = app.extensions["wxbackend"]
        # Libraries and the connection are there already in a server.
        write_digest_file(dependencies, Window(_WINDOW.start, _WINDOW.start + _NO_TIME), path)
        return measured(lambda: write_digest_file(dependencies, _WINDOW, path))


def _write_bare(path: Path, rows: int) -> Cost:
    def write() -> None:
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet()
        for number in range(rows):
            sheet.append([f"粤A{number:05}"] * len(COLUMNS))
        workbook.save(path)

    return measured(write)


def _count_rows(path: Path) -> int:
    sheet = load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(min_row=2))


def _kilobytes(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


def _prepare(folder: Path) -> Path:
    content = {
        "database.url": f"sqlite:///{folder / 'bench.sqlite3'}",
        "storage.files_folder": str(folder / "files"),
        "storage.key_file": str(folder / "keys.toml"),
        "jobs.embedded": False,
        "logging.level": "ERROR",
    }
    config = folder / "bench.toml"
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items()))
    create_key_file(folder / "keys.toml")
    schema.upgrade(str(content["database.url"]))
    return config
