"""The exports that somebody made: the list of them, the files, and their end after a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import reading, transaction
from models.exports import (
    ExportOwner,
    ExportRun,
    count_download,
    count_exports_of,
    find_export_of,
    forget_file,
    list_expired_exports,
    list_exports_of,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import NotFound, ProductError
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.exports import FILE_PREFIX, KEPT_FOR
from wxbackend.services.visitors import Member

_BATCH = 200
# A file of an export that was never finished; a slow one is long done by then.
_STRAY_AFTER = KEPT_FOR + timedelta(hours=1)


class ExportEnded(ProductError):
    """The file was deleted after its time."""

    code = "export_ended"


@dataclass(frozen=True, slots=True)
class ExportView:
    public_id: str
    kind: str
    file_name: str
    is_clear: bool
    reason: str
    conditions: Sequence[tuple[str, str]]
    columns: Sequence[str]
    row_count: int
    byte_count: int
    created_at: datetime
    expires_at: datetime
    download_count: int
    is_there: bool


@dataclass(frozen=True, slots=True)
class ExportFile:
    """`pieces` are read as they are sent."""

    file_name: str
    byte_count: int
    pieces: Iterator[bytes]


def list_own_exports(
    dependencies: Dependencies, member: Member, request: PageRequest
) -> Page[ExportView]:
    """What the member took out, newest first; the rows outlive the files."""
    now = dependencies.clock()
    with reading() as session:
        rows = list_exports_of(session, _owner(member), request)
        total = count_exports_of(session, _owner(member))
        return Page([_view(row, now=now) for row in rows], total, request)


def open_own_export(
    dependencies: Dependencies, member: Member, public_id: str, *, actor: Actor
) -> ExportFile:
    """The file, for the one who made it; the download is counted and audited.

    Raises: NotFound, ExportEnded.
    """
    now = dependencies.clock()
    with transaction() as session:
        run = find_export_of(session, _owner(member), public_id)
        if run is None:
            raise NotFound
        if run.stored_as is None or run.expires_at <= now:
            raise ExportEnded
        count_download(session, run.id)
        details = {"kind": run.kind, "rows": run.row_count, "is_clear": run.is_clear}
        about = ("export_run", run.public_id)
        record(session, actor, "download_export", about=about, now=now, details=details)
        file_name, byte_count, stored_as = run.file_name, run.byte_count, run.stored_as
    try:
        pieces = dependencies.gateways.files.read_pieces(stored_as)
    except FileNotFoundError:
        raise ExportEnded from None
    return ExportFile(file_name, byte_count, pieces)


def delete_old_exports(dependencies: Dependencies) -> int:
    """Delete files whose time is over, and those of exports that were never finished."""
    now, files = dependencies.clock(), dependencies.gateways.files
    with reading() as session:
        expired = list_expired_exports(session, now=now, limit=_BATCH)
    for run_id, stored_as in expired:
        files.delete(stored_as)  # first the file: a row without one can be found again
        with transaction() as session:
            forget_file(session, run_id)
    strays = files.names_before(FILE_PREFIX, now - _STRAY_AFTER)
    for name in strays:
        files.delete(name)
    return len(expired) + len(strays)


def _owner(member: Member) -> ExportOwner:
    return ExportOwner(member.account_id, member.lead_id, member.role.value)


def _view(run: ExportRun, *, now: datetime) -> ExportView:
    return ExportView(
        public_id=run.public_id,
        kind=run.kind,
        file_name=run.file_name,
        is_clear=run.is_clear,
        reason=run.reason,
        conditions=[(title, words) for title, words in run.conditions],
        columns=run.columns,
        row_count=run.row_count,
        byte_count=run.byte_count,
        created_at=run.created_at,
        expires_at=run.expires_at,
        download_count=run.download_count,
        is_there=run.stored_as is not None and run.expires_at > now,
    )
