"""Every export there was, for the auditor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.accounts import Account
from models.exports import ExportRun
from models.listing import Condition, begins_with, count_up_to, ordered
from wxbackend.domain.listing import PageRequest


@dataclass(frozen=True, slots=True)
class ExportLogFilter:
    """Empty means unrestricted."""

    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    is_clear: bool | None = None
    account: str = ""


def list_export_log(
    session: Session, wanted: ExportLogFilter, request: PageRequest
) -> tuple[Sequence[ExportRun], int]:
    """One page, newest first, and how many there are."""
    query = select(ExportRun).where(*_conditions(wanted))
    page = ordered(query, request, columns={}, key=ExportRun.id)
    page = page.options(joinedload(ExportRun.account), joinedload(ExportRun.lead))
    return session.scalars(page).all(), count_up_to(session, query)


def _conditions(wanted: ExportLogFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.since is not None:
        found.append(ExportRun.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(ExportRun.created_at < wanted.until)
    if wanted.kind:
        found.append(ExportRun.kind == wanted.kind)
    if wanted.is_clear is not None:
        found.append(ExportRun.is_clear.is_(wanted.is_clear))
    if wanted.account:
        of_that_name = select(Account.id).where(begins_with(Account.name, wanted.account.lower()))
        found.append(ExportRun.account_id.in_(of_that_name))
    return found
