"""Run as a process of its own: what one reading of a file costs, or one command.

`python -m tests.imports.measured open FILE upload|command` reads a file; `… run COMMAND…` runs a
command. A line of JSON says how it went; a process's own peak is `peak_mb`.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def open_file(path: Path, limits_name: str) -> dict[str, Any]:
    from wxbackend.domain.errors import InvalidValue
    from wxbackend.gateways.spreadsheet_limits import COMMAND_LINE, UPLOAD
    from wxbackend.gateways.spreadsheets import OpenSpreadsheet

    limits = UPLOAD if limits_name == "upload" else COMMAND_LINE
    start, rows, code = time.monotonic(), 0, ""
    try:
        with OpenSpreadsheet(path, limits) as sheet:
            rows = sum(1 for row in sheet.rows() if row)
    except InvalidValue as error:
        code = error.code
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return {
        "code": code,
        "rows": rows,
        "seconds": time.monotonic() - start,
        "peak_mb": int(peak[1]) // 1024 if peak else 0,
    }


def run(command: list[str]) -> dict[str, Any]:
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    return {
        "status": done.returncode,
        "output": done.stdout,
        "errors": done.stderr,
        "seconds": time.monotonic() - start,
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    found = open_file(Path(rest[0]), rest[1]) if what == "open" else run(rest)
    sys.stdout.write(json.dumps(found))
