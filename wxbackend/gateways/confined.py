"""Work on files that nobody trusts, in a child process with limits.

Whatever such a file does to the libraries that read it (memory, endless work, a crash that no
Python code can catch), it does to the child. The child has no keys and no database; it finds its
input in a folder of its own, leaves its output there, and the folder goes when the work is over.
"""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

from wxbackend.gateways.interfaces.sheets import ConfinedWork, ConfinedWorkFailed

_ROOT = Path(__file__).resolve().parent.parent.parent
# Address space, of which a fifth or so is ever touched by a file within the upload limits.
_MOST_MEMORY = 700_000_000
_MOST_OUTPUT = 200_000_000
_MOST_OPEN_FILES = 64
_AT_ONCE = 2
_LOCK = ".lock"
_SECONDS_TO_LOCK = 60


class ChildProcesses:
    """Implements `ConfinedWorks`: runs `python -m MODULE FOLDER`, two at a time at most."""

    def __init__(self, folder: Path, *, module: str) -> None:
        self._folder = folder
        self._module = module
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def run(self, files: Mapping[str, bytes], *, timeout: timedelta) -> Iterator[ConfinedWork]:
        """Raises: ConfinedWorkFailed."""
        seconds = timeout.total_seconds()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(mkdtemp(dir=self._folder))
        try:
            with (folder / _LOCK).open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for name, content in files.items():
                    (folder / name).write_bytes(content)
                if not self._free.acquire(timeout=seconds):
                    raise ConfinedWorkFailed("busy")
                try:
                    _run(self._module, folder, seconds=seconds)
                finally:
                    self._free.release()
                yield _Output(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> int:
        """Remove the folders of processes that are no more (killed, or without power)."""
        gone = 0
        for folder in self._folder.glob("*/") if self._folder.is_dir() else ():
            try:
                with (folder / _LOCK).open("rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except FileNotFoundError:
                if _is_young(folder):
                    continue  # its lock is about to be made
            except BlockingIOError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
        return gone


class _Output:
    """Implements `ConfinedWork`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        return (self._folder / name).is_file()

    def content(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def lines(self, name: str) -> Iterator[str]:
        with (self._folder / name).open(encoding="utf-8") as file:
            yield from file


def confine(*, seconds: int) -> None:
    """Limit this process for good; the child calls it before it opens the file."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_OUTPUT, _MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_OPEN_FILES, _MOST_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(module: str, folder: Path, *, seconds: float) -> None:
    command = [sys.executable, "-s", "-m", module, str(folder), str(int(seconds) + 1)]
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TMPDIR": str(folder)}
    process = subprocess.Popen(  # noqa: S603 – our own module, on a folder that we named
        command,
        cwd=_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a traceback would quote the file
        start_new_session=True,
    )
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise ConfinedWorkFailed("timeout") from None
    finally:
        process.kill()
        process.wait()
    if status:
        raise ConfinedWorkFailed(f"status {status}")


def _is_young(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime < _SECONDS_TO_LOCK
    except FileNotFoundError:
        return True
