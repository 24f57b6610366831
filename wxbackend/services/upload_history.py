"""导入记录: every import that is over, inside the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import reading
from models.imports import ImportOrigin, ImportRun, RunFilter, page_of_runs
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.moments import day_bounds, parse_day
from wxbackend.services.visitors import Member

ORIGINS = frozenset(origin.value for origin in ImportOrigin)


@dataclass(frozen=True, slots=True)
class Run:
    """One import that is over; `refusal` says why nothing of it was taken."""

    id: int
    kind: ImportKind
    file_name: str
    origin: ImportOrigin
    who: str
    is_lead: bool
    enterprise: str
    finished_at: datetime
    new: int
    changed: int
    unchanged: int
    wrong: int
    refusal: InvalidValue | None


def list_runs(member: Member, asked: Mapping[str, str], request: PageRequest) -> Page[Run]:
    """`asked`: kind, origin, who (the beginning of a name), first and last day."""
    with reading() as session:
        page = page_of_runs(session, member.scope, _filter(asked), request)
        return page.with_rows([run_of(row) for row in page.rows])


def run_of(row: ImportRun) -> Run:
    who = row.account.display_name if row.account else row.lead.name if row.lead else ""
    return Run(
        id=row.id,
        kind=ImportKind(row.kind),
        file_name=row.file_name,
        origin=row.origin,
        who=who,
        is_lead=row.lead_id is not None,
        enterprise=row.enterprise.name if row.enterprise else "",
        finished_at=row.finished_at,
        new=row.new_rows,
        changed=row.changed_rows,
        unchanged=row.unchanged_rows,
        wrong=row.wrong_rows,
        refusal=refusal_of(row.refusal),
    )


def refusal_of(values: Mapping[str, Any] | None) -> InvalidValue | None:
    return None if values is None else InvalidValue(values["code"], **values["facts"])


def _filter(asked: Mapping[str, str]) -> RunFilter:
    first, last = parse_day(asked["first"]), parse_day(asked["last"])
    return RunFilter(
        kind=asked["kind"] if asked["kind"] in set(ImportKind) else "",
        origin=asked["origin"] if asked["origin"] in ORIGINS else "",
        who=asked["who"],
        start=day_bounds(first)[0] if first else None,
        end=day_bounds(last)[1] if last else None,
    )
