"""A folder that others put files into: when a file is complete, whose it is, where it goes."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from wxbackend.gateways.interfaces.sheets import DroppedFile

_log = logging.getLogger(__name__)
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_DONE, _REFUSED = "done", "refused"
_Look = tuple[int, int]  # size, time of change


class DropFolder:
    """Implements `DropFolders`. An empty address means that no folder is watched.

    A file is claimed by a lock on the file itself: the lock of a killed process is gone with it.
    """

    def __init__(self, folder: str, *, settled_after: timedelta) -> None:
        self._folder = Path(folder) if folder else None
        self._settled_seconds = settled_after.total_seconds()
        self._seen: dict[Path, tuple[_Look, float]] = {}

    def complete(self, subfolders: Sequence[str]) -> list[tuple[str, str]]:
        if self._folder is None:
            return []
        found = {path: sub for sub in subfolders for path in self._files(self._folder / sub)}
        self._seen = {path: seen for path, seen in self._seen.items() if path in found}
        return [(sub, path.name) for path, sub in sorted(found.items()) if self._is_settled(path)]

    @contextmanager
    def claim(self, subfolder: str, name: str, *, most: int) -> Iterator[DroppedFile | None]:
        """The file, or None when somebody else has it or it is gone."""
        if self._folder is None or not self._can_move(self._folder):
            yield None
            return
        path = self._folder / subfolder / name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            yield None
            return
        with os.fdopen(descriptor, "rb") as file:
            if not _is_ours(descriptor, path):
                yield None
                return
            yield _Dropped(self._folder, path, file.read(most + 1))

    def _files(self, folder: Path) -> Iterator[Path]:
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            is_hidden = path.name.startswith((".", "~$"))
            is_unfinished = path.name.lower().endswith(_UNFINISHED)
            if not is_hidden and not is_unfinished and path.is_file() and not path.is_symlink():
                yield path

    def _is_settled(self, path: Path) -> bool:
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        look, now = (status.st_size, status.st_mtime_ns), time.monotonic()
        before, since = self._seen.get(path, (None, now))
        if look != before:
            self._seen[path] = (look, now)
            return False
        return now - since >= self._settled_seconds

    def _can_move(self, folder: Path) -> bool:
        """Otherwise the same file would be imported again and again."""
        try:
            for name in (_DONE, _REFUSED):
                (folder / name).mkdir(exist_ok=True)
                if not os.access(folder / name, os.W_OK | os.X_OK):
                    raise PermissionError
        except OSError:
            _log.error("watched folder cannot be written to")
            return False
        return True


class _Dropped:
    """Implements `DroppedFile`."""

    def __init__(self, folder: Path, path: Path, content: bytes) -> None:
        self._folder = folder
        self._path = path
        self.content = content

    def move(self, *, is_done: bool, at: datetime, beside: Mapping[str, bytes]) -> None:
        target = self._folder / (_DONE if is_done else _REFUSED)
        name = f"{at:%Y%m%d-%H%M%S}-{self._path.name}"
        for suffix, content in beside.items():
            with os.fdopen(_create(target / f"{name}{suffix}"), "wb") as file:
                file.write(content)
        self._path.rename(target / name)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _is_ours(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock before may have moved the file away.
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
