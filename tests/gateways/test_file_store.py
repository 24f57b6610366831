"""Large files in the store: sealed piece by piece, whole or not there, and never changed unseen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from wxbackend.domain.keys import TamperedCiphertext
from wxbackend.gateways.file_store import DirectoryStore
from wxbackend.gateways.key_ring import read_key_file

PIECES = [b"a" * 1000, b"", b"b" * 70_000, b"c"]


@pytest.fixture
def store(tmp_path, key_file) -> DirectoryStore:
    return DirectoryStore(tmp_path, read_key_file(key_file)[0])


def file_of(tmp_path, name="export-1"):
    [path] = tmp_path.rglob(name)
    return path


@pytest.mark.parametrize("pieces", [PIECES, [b"x"], []])
def test_what_was_written_in_pieces_is_read_again(store, pieces):
    store.write_pieces("export-1", iter(pieces))
    assert b"".join(store.read_pieces("export-1")) == b"".join(pieces)


def test_nothing_stands_in_clear_on_the_disk(store, tmp_path):
    store.write_pieces("export-1", PIECES)
    assert b"aaaa" not in file_of(tmp_path).read_bytes()


@pytest.mark.parametrize("kept", [0, 3, 1000, -1, -40])
def test_a_file_cut_short_is_refused(store, tmp_path, kept):
    store.write_pieces("export-1", PIECES)
    path = file_of(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(TamperedCiphertext):
        list(store.read_pieces("export-1"))


def test_pieces_in_another_order_are_refused(store, tmp_path):
    store.write_pieces("export-1", [b"a" * 100, b"b" * 100])
    path = file_of(tmp_path)
    content = path.read_bytes()
    length = 4 + int.from_bytes(content[:4], "big")
    path.write_bytes(content[length : 2 * length] + content[:length] + content[2 * length :])
    with pytest.raises(TamperedCiphertext):
        list(store.read_pieces("export-1"))


def test_another_files_content_is_refused(store, tmp_path):
    store.write_pieces("export-1", [b"a"])
    store.write_pieces("export-2", [b"b"])
    file_of(tmp_path).write_bytes(file_of(tmp_path, "export-2").read_bytes())
    with pytest.raises(TamperedCiphertext):
        list(store.read_pieces("export-1"))


def test_a_write_that_fails_leaves_nothing(store, tmp_path):
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        store.write_pieces("export-1", broken())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_missing_file_says_so_before_anything_is_sent(store):
    with pytest.raises(FileNotFoundError):
        store.read_pieces("export-1")


def test_old_files_of_a_kind_are_found(store):
    store.write_pieces("export-1", [b"a"])
    store.write_pieces("exams-1", [b"a"])
    now = datetime.now(UTC)
    assert store.names_before("export-", now - timedelta(hours=1)) == []
    assert store.names_before("export-", now + timedelta(hours=1)) == ["export-1"]
    assert store.names_before("zz-", now + timedelta(hours=1)) == []
