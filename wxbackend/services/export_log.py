"""导出记录: every export with who, what, how many and in what form; not what was searched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import reading
from models.export_log import ExportLogFilter, list_export_log
from models.exports import ExportRun
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.moments import day_bounds, parse_day
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class LoggedExport:
    """`kept_until` is empty once the file is deleted; `columns` is how many the file has."""

    created_at: datetime
    name: str
    display_name: str
    role: str
    kind: str
    file_name: str
    row_count: int
    columns: int
    is_clear: bool
    reason: str
    kept_until: datetime | None
    download_count: int


def list_all_exports(
    dependencies: Dependencies, wanted: Mapping[str, str], request: PageRequest
) -> Page[LoggedExport]:
    now = dependencies.clock()
    with reading() as session:
        rows, total = list_export_log(session, _filter_of(wanted), request)
        return Page([_shown(row, now) for row in rows], total, request)


def _filter_of(wanted: Mapping[str, str]) -> ExportLogFilter:
    first, last = parse_day(wanted.get("first", "")), parse_day(wanted.get("last", ""))
    return ExportLogFilter(
        since=day_bounds(first)[0] if first else None,
        until=day_bounds(last)[1] if last else None,
        kind=wanted.get("kind", ""),
        is_clear={"clear": True, "masked": False}.get(wanted.get("form", "")),
        account=wanted.get("account", ""),
    )


def _shown(row: ExportRun, now: datetime) -> LoggedExport:
    account, lead = row.account, row.lead
    name = account.name if account else mask_phone(lead.phone) if lead else ""
    is_kept = row.stored_as is not None and row.expires_at > now
    return LoggedExport(
        created_at=row.created_at,
        name=name,
        display_name=account.display_name if account else lead.name if lead else "",
        role=row.role,
        kind=row.kind,
        file_name=row.file_name,
        row_count=row.row_count,
        columns=len(row.columns or ()),
        is_clear=row.is_clear,
        reason=row.reason,
        kept_until=row.expires_at if is_kept else None,
        download_count=row.download_count,
    )
