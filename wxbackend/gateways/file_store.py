"""Files in a directory, encrypted before they reach the disk."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from wxbackend.domain.keys import KeyRing

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,80}")
_LENGTH_BYTES = 4
_SECONDS_TO_WRITE = 3600


class DirectoryStore:
    """One file a name, spread over sub-folders; a write is whole or not there."""

    def __init__(self, folder: Path, key_ring: KeyRing) -> None:
        self._folder = folder
        self._keys = key_ring

    def write(self, name: str, content: bytes) -> None:
        with self._whole(name) as file:
            file.write(self._keys.encrypt(content, purpose=f"file:{name}"))

    def read(self, name: str) -> bytes:
        return self._keys.decrypt(self._path(name).read_bytes(), purpose=f"file:{name}")

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Each piece is sealed by itself, for its place; an empty one at the end closes them."""
        with self._whole(name) as file:
            number = 0
            for number, piece in enumerate(filter(None, pieces), start=1):
                self._add_piece(file, name, number, piece)
            self._add_piece(file, name, number + 1, b"")

    def read_pieces(self, name: str) -> Iterator[bytes]:
        return self._pieces(name, self._path(name).open("rb"))

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names_before(self, prefix: str, moment: datetime) -> list[str]:
        files = self._path(prefix).parent.glob(f"{prefix}*")
        return [
            file.name
            for file in files
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) < moment
        ]

    def _add_piece(self, file: BinaryIO, name: str, number: int, piece: bytes) -> None:
        sealed = self._keys.encrypt(piece, purpose=f"file:{name}:{number}")
        file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)

    def _pieces(self, name: str, file: BinaryIO) -> Iterator[bytes]:
        with file:
            piece, number = b"begin", 0
            while piece:
                number += 1
                length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
                # A file that was cut short has no last piece, and nothing cannot be decrypted.
                piece = self._keys.decrypt(file.read(length), purpose=f"file:{name}:{number}")
                if piece:
                    yield piece

    @contextmanager
    def _whole(self, name: str) -> Iterator[BinaryIO]:
        """A file that takes its name when it is complete, and leaves nothing when it is not."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            with half.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what killed processes left half-written; how many files."""
        gone = 0
        for half in self._folder.glob("??/*.part"):
            if time.time() - half.stat().st_mtime > _SECONDS_TO_WRITE:
                half.unlink(missing_ok=True)
                gone += 1
        return gone

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a stored file's name is ours: small letters, digits, . _ -")
        return self._folder / name[:2] / name
