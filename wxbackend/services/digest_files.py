"""The digest's Excel file, written a chunk of rows at a time. Source: product.md section 6."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from models.database import reading
from models.digests import WindowPassage, iterate_window_passages
from wxbackend.domain.digests import Window
from wxbackend.domain.moments import format_second
from wxbackend.domain.scope import DistrictScope
from wxbackend.gateways.spreadsheet_writer import TableFile
from wxbackend.services.dependencies import Dependencies

FILE_PREFIX = "digest-"
COLUMNS = ("plate_number", "name", "phone", "enterprise", "decided_at", "reason")


def write_digest_file(dependencies: Dependencies, window: Window, path: Path) -> int:
    """Write the window's passages, oldest first, with clear phone numbers; how many there are."""
    wording = dependencies.gateways.wording
    headers = [wording.text(f"digest.column.{name}") for name in COLUMNS]
    count = 0
    with reading() as session, TableFile(path, headers) as table:
        for passage in iterate_window_passages(
            session, DistrictScope(), start=window.start, end=window.end
        ):
            table.add(_cells(passage))
            count += 1
    return count


def store_digest_file(dependencies: Dependencies, window: Window) -> str:
    """Keep the file in the file store, to be sent; its name there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "digest.xlsx"
        write_digest_file(dependencies, window, path)
        stored_as = f"{FILE_PREFIX}{secrets.token_hex(12)}.xlsx"
        dependencies.gateways.files.write(stored_as, path.read_bytes())
    return stored_as


def delete_old_digest_files(dependencies: Dependencies) -> int:
    """Delete the files that were kept to be sent; how many. The link makes them anew."""
    files = dependencies.gateways.files
    cutoff = dependencies.clock() - dependencies.policy.digests.link_valid_for
    old = files.names_before(FILE_PREFIX, cutoff)
    for name in old:
        files.delete(name)
    return len(old)


def enterprise_of(passage: WindowPassage) -> str:
    """The matched enterprises, else what the driver typed."""
    return "、".join(passage.matched) or passage.typed_enterprise


def _cells(passage: WindowPassage) -> Sequence[str]:
    return (
        passage.plate_number,
        passage.name,
        passage.phone,
        enterprise_of(passage),
        format_second(passage.decided_at),
        passage.reason,
    )
