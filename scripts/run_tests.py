"""Everything `make test` does: get what the tests need, run them on both databases, sum up.

PostgreSQL, Redis and Chromium come from apt where they are missing and apt may be used; what could
not be had is said loudly at the end, and what needs it is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_WITHOUT_DATABASE = (
    "tests/sandbox",
    "tests/domain",
    "tests/processes/test_run.py",
    "tests/processes/test_nginx.py",
    "tests/in_browser/test_look.py",
    "tests/in_browser/test_office_look.py",
    "tests/imports/test_hostile_files.py",
    "tests/imports/test_cells.py",
)
_SOME_FAILED = 1  # pytest's exit code


@dataclass(frozen=True)
class Need:
    """A program that some tests need, where else it may stand, and the packages that bring it."""

    program: str
    folders: tuple[str, ...]
    packages: tuple[str, ...]
    without: str

    def is_there(self) -> bool:
        path = os.pathsep.join([os.environ.get("PATH", ""), *self.folders])
        return shutil.which(self.program, path=path) is not None


def needs() -> list[Need]:
    postgres = tuple(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
    return [
        Need("postgres", postgres, ("postgresql",), "the suite on PostgreSQL"),
        Need("redis-server", (), ("redis-server",), "the suite on PostgreSQL and Redis"),
        Need("nginx", ("/usr/sbin",), ("nginx-light",), "the example for nginx"),
        Need("chromium", (), ("chromium", "fonts-noto-cjk"), "the tests in a browser"),
    ]


def main() -> None:
    missing = _provide([need for need in needs() if not need.is_there()])
    absent = {need.program for need in missing}
    results = [_run("SQLite, in one process", _arguments("sqlite", absent))]
    if not absent & {"postgres", "redis-server"}:
        results.append(_run("PostgreSQL and Redis", _arguments("postgresql", absent)))
    _sum_up(results, missing)


def _arguments(database: str, absent: set[str]) -> list[str]:
    processes = str(max(2, os.cpu_count() or 2))
    arguments = ["--database", database, "-n", processes, "--dist", "loadgroup"]
    if "chromium" in absent:
        arguments += ["-m", "not browser"]
    if database != "sqlite":
        # These have no database, or one of their own: once is enough.
        for path in _WITHOUT_DATABASE:
            arguments += ["--ignore", path]
    return arguments


def _provide(missing: Sequence[Need]) -> list[Need]:
    """Install what is missing if this machine lets us; what is missing still."""
    if not missing:
        return []
    packages = [package for need in missing for package in need.packages]
    print(f"== getting {', '.join(packages)} by apt", flush=True)
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return list(missing)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *command], env=environment, check=False)
        if done.returncode != 0:
            print(f"== apt-get {command[0]} ended with {done.returncode}", flush=True)
    return [need for need in missing if not need.is_there()]


def _run(name: str, arguments: Sequence[str]) -> tuple[str, int, float]:
    print(f"\n== the suite on {name}\n", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", *arguments, *sys.argv[1:]]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == _SOME_FAILED:
        # Two cores and a browser: what fails among many may pass alone. Both outcomes are printed.
        print(f"\n!! {name}: the failed tests again, one at a time\n", flush=True)
        alone = [*command, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
        code = subprocess.run(alone, cwd=ROOT, check=False).returncode
        name += "" if code else ", AT THE SECOND TRY: the tests named above failed among others"
    return name, code, time.monotonic() - began


def _sum_up(results: Sequence[tuple[str, int, float]], missing: Sequence[Need]) -> None:
    print()
    for name, code, seconds in results:
        print(f"== {'passed' if code == 0 else 'FAILED'}: {name} ({seconds:.0f} s)")
    for need in missing:
        print(f"!! NOT RUN: {need.without}; {need.program} is not on this machine and could not")
        print(f"!!          be installed (apt-get install {' '.join(need.packages)})")
    sys.exit(max((code for _, code, _ in results), default=1))


if __name__ == "__main__":
    main()
