"""Files in a directory, encrypted before they reach the disk."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from wxbackend.domain.keys import KeyRing

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,80}")


class DirectoryStore:
    """One file a name, spread over sub-folders; a write is whole or not there."""

    def __init__(self, folder: Path, key_ring: KeyRing) -> None:
        self._folder = folder
        self._keys = key_ring

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{secrets.token_hex(4)}.part")
        with half.open("wb") as file:
            file.write(self._keys.encrypt(content, purpose=f"file:{name}"))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)

    def read(self, name: str) -> bytes:
        return self._keys.decrypt(self._path(name).read_bytes(), purpose=f"file:{name}")

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a stored file's name is ours: small letters, digits, . _ -")
        return self._folder / name[:2] / name
