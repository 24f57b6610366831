"""The audit log as it is read: newest first, page by page, without a total."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.audit import AuditEntry, AuditPersonalPart
from models.enterprises import Lead
from models.listing import Condition, begins_with


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Empty means unrestricted; `outcome` is what a sign-in's details say."""

    since: datetime
    until: datetime
    account: str = ""
    role: str = ""
    actions: Collection[str] = ()
    object_kind: str = ""
    object_id: str = ""
    source: str = ""
    succeeded: bool | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a page begins: below the entry `before`, or above the entry `after`; or at the top."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class LogRows:
    """`has_newer` and `has_older` say whether there are pages on either side."""

    rows: Sequence[tuple[AuditEntry, bool]]  # the entry, and whether it has a personal part
    has_newer: bool
    has_older: bool


def list_log(session: Session, wanted: LogFilter, place: LogPlace, *, size: int) -> LogRows:
    """One page; ids rise with time, so that they divide the pages without counting them."""
    query = _with_personal().where(*_conditions(wanted)).limit(size + 1)
    if place.after is not None:
        found = list(
            session.execute(query.where(AuditEntry.id > place.after).order_by(AuditEntry.id))
        )
        rows = [(entry, personal) for entry, personal in reversed(found[:size])]
        return LogRows(rows, has_newer=len(found) > size, has_older=True)
    if place.before is not None:
        query = query.where(AuditEntry.id < place.before)
    found = list(session.execute(query.order_by(AuditEntry.id.desc())))
    rows = [(entry, personal) for entry, personal in found[:size]]
    return LogRows(rows, has_newer=place.before is not None, has_older=len(found) > size)


def find_log_entry(session: Session, entry_id: int) -> tuple[AuditEntry, bool] | None:
    row = session.execute(_with_personal().where(AuditEntry.id == entry_id)).one_or_none()
    return (row[0], row[1]) if row else None


def names_of_accounts(session: Session, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Account and display name, by id."""
    if not ids:
        return {}
    query = select(Account.id, Account.name, Account.display_name).where(Account.id.in_(ids))
    return {row_id: (name, display_name) for row_id, name, display_name in session.execute(query)}


def phones_of_leads(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Leads' numbers, by id; to be masked before anybody sees them."""
    if not ids:
        return {}
    query = select(Lead.id, Lead.phone).where(Lead.id.in_(ids))
    return {row_id: phone for row_id, phone in session.execute(query)}


def _with_personal() -> Select[AuditEntry, bool]:
    return select(AuditEntry, exists().where(AuditPersonalPart.entry_id == AuditEntry.id))


def _conditions(wanted: LogFilter) -> list[Condition]:
    found: list[Condition] = [AuditEntry.at >= wanted.since, AuditEntry.at < wanted.until]
    if wanted.account:
        found.append(begins_with(AuditEntry.actor_label, wanted.account))
    if wanted.role:
        found.append(AuditEntry.role == wanted.role)
    if wanted.actions:
        found.append(AuditEntry.action.in_(wanted.actions))
    if wanted.object_kind:
        found.append(AuditEntry.object_kind == wanted.object_kind)
    if wanted.object_id:
        found.append(AuditEntry.object_id == wanted.object_id)
    if wanted.source:
        found.append(begins_with(AuditEntry.source, wanted.source))
    if wanted.succeeded is not None:
        found.append(AuditEntry.succeeded.is_(wanted.succeeded))
    if wanted.outcome:
        found.append(AuditEntry.details["outcome"].as_string() == wanted.outcome)
    return found
