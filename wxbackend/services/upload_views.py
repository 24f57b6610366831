"""What the pages of 数据导入 show: the registers, and one upload by its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.database import Session, reading
from models.health_registers import Register, find_register_status
from models.import_uploads import (
    AT_WORK,
    ImportUpload,
    UploadState,
    find_upload,
    list_open_uploads,
)
from models.imports import (
    ImportOrigin,
    ImportRun,
    find_run,
    list_last_runs,
    list_runs_of_origin,
)
from wxbackend.domain.errors import InvalidValue, NotFound
from wxbackend.domain.import_columns import ImportKind
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.upload_history import Run, refusal_of, run_of
from wxbackend.services.uploads import kinds_for
from wxbackend.services.visitors import Member

_REGISTERS = {
    ImportKind.NUCLEIC_ACID_TESTS: Register.NUCLEIC_ACID,
    ImportKind.VACCINATIONS: Register.VACCINATION,
}
_BUSY = {*AT_WORK, *AT_WORK.values()}
_WATCHED_RUNS = 10
OUTCOMES = ("wrong", "changed", "new", "unchanged")


@dataclass(frozen=True, slots=True)
class Panel:
    """One kind of file on the page; `data_until` is a health register's newest moment."""

    kind: ImportKind
    data_until: datetime | None
    last_run: Run | None
    is_register: bool


@dataclass(frozen=True, slots=True)
class OpenUpload:
    public_id: str
    kind: ImportKind
    file_name: str
    state: UploadState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ImportsPage:
    panels: Sequence[Panel]
    uploads: Sequence[OpenUpload]
    watched_runs: Sequence[Run]


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload as its owner sees it.

    `state` is one of waiting, checking, checked, refused, accepted, taking, taken, left; what the
    report holds (`counts`, the first rows of each outcome, `lead_changes`) is there from checked
    on, all numbers of people masked.
    """

    public_id: str
    kind: ImportKind
    file_name: str
    file_bytes: int
    state: UploadState
    is_busy: bool
    is_expired: bool
    created_at: datetime
    expires_at: datetime
    refusal: InvalidValue | None
    run: Run | None
    has_wrong_rows_file: bool
    has_clashed: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    ignored_columns: Sequence[str] = ()
    wrong_rows: Sequence[Mapping[str, Any]] = ()
    outcomes: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    lead_changes: Sequence[Mapping[str, Any]] = ()

    @property
    def to_write(self) -> int:
        return self.counts.get("new", 0) + self.counts.get("changed", 0)


def imports_page(dependencies: Dependencies, member: Member) -> ImportsPage:
    kinds = kinds_for(member)
    with reading() as session:
        last = list_last_runs(session, member.scope)
        uploads = list_open_uploads(
            session,
            account_id=member.account_id,
            lead_id=member.lead_id,
            now=dependencies.clock(),
        )
        watched = list_runs_of_origin(
            session, member.scope, ImportOrigin.WATCHED_FOLDER, limit=_WATCHED_RUNS
        )
        return ImportsPage(
            panels=[_panel(session, kind, last.get(kind.value)) for kind in kinds],
            uploads=[
                OpenUpload(
                    row.public_id, ImportKind(row.kind), row.file_name, row.state, row.created_at
                )
                for row in uploads
            ],
            watched_runs=[run_of(row) for row in watched],
        )


def show_upload(dependencies: Dependencies, member: Member, public_id: str) -> UploadView:
    """Raises: NotFound for another's upload."""
    now = dependencies.clock()
    with reading() as session:
        row = find_upload(session, public_id, account_id=member.account_id, lead_id=member.lead_id)
        if row is None:
            raise NotFound
        run = find_run(session, member.scope, row.import_run_id) if row.import_run_id else None
        return _upload(row, run_of(run) if run else None, now=now)


def _panel(session: Session, kind: ImportKind, last: ImportRun | None) -> Panel:
    register = _REGISTERS.get(kind)
    status = find_register_status(session, register) if register else None
    return Panel(
        kind=kind,
        data_until=status.data_until if status else None,
        last_run=run_of(last) if last else None,
        is_register=register is not None,
    )


def _upload(row: ImportUpload, run: Run | None, *, now: datetime) -> UploadView:
    report = row.report or {}
    is_expired = row.expires_at <= now and row.state is not UploadState.TAKEN
    return UploadView(
        public_id=row.public_id,
        kind=ImportKind(row.kind),
        file_name=row.file_name,
        file_bytes=row.file_bytes,
        state=UploadState.LEFT if is_expired else row.state,
        is_busy=row.state in _BUSY and not is_expired,
        is_expired=is_expired,
        created_at=row.created_at,
        expires_at=row.expires_at,
        refusal=refusal_of(report.get("refused")),
        run=run,
        has_wrong_rows_file=row.wrong_rows_stored_as is not None and row.expires_at > now,
        has_clashed=bool(report.get("clashed")),
        counts={name: value for name, value in report.items() if isinstance(value, int)},
        ignored_columns=report.get("ignored", ()),
        wrong_rows=report.get("wrong_rows", ()),
        outcomes=report.get("outcomes", {}),
        lead_changes=report.get("lead_changes", ()),
    )
