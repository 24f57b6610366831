"""Enterprises as pages show them: the list, one with its leads and history, and forms' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.accounts import list_accounts_of_leads
from models.audit import AuditEntry, list_entries_about
from models.database import Session, reading, transaction
from models.enterprise_leads import list_leads
from models.enterprise_ledger import LedgerChoices as LedgerChoices  # pages take it from here
from models.enterprise_ledger import (
    LedgerCounts,
    LedgerRow,
    count_enterprises,
    count_waiting_reservations,
    find_ledger_rows,
    ledger_choices,
    list_enterprises,
)
from models.enterprises import Enterprise, EnterpriseLead
from wxbackend.domain.actors import Actor
from wxbackend.domain.enterprise_form import filter_of
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.scope import DistrictScope, Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.enterprise_history import HISTORY_ACTIONS

_RECENT_DAYS = 7
_MOST_ENTRIES = 30


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """An enterprise in the list; `passage_count` is that of the last seven days, today included."""

    public_id: str
    name: str
    credit_code: str
    town: str
    main_lead: str
    lead_count: int
    lead_phone_masked: str
    employee_count: int
    passage_count: int
    is_active: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    page: Page[EnterpriseRow]
    counts: LedgerCounts
    choices: LedgerChoices


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead of one enterprise; accounts and other enterprises are for the bureau alone."""

    public_id: str
    name: str
    phone_masked: str
    is_main: bool
    accounts: tuple[str, ...]
    other_enterprises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Who did what; `changes` are (field, before, after), both empty where values are not shown."""

    at: datetime
    who: str
    role: str
    action: str
    changes: tuple[tuple[str, str, str], ...]
    lead_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnterpriseDetail:
    row: EnterpriseRow
    address: str
    kind: str
    remark: str
    created_at: datetime
    disabled_at: datetime | None
    waiting_count: int
    leads: tuple[LeadView, ...]
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class EnterpriseValues:
    """What an edit form begins with."""

    row: EnterpriseRow
    values: Mapping[str, str]
    choices: LedgerChoices


def show_ledger(
    dependencies: Dependencies, scope: Scope, values: Mapping[str, str], request: PageRequest
) -> Ledger:
    since, wanted = recent_since(dependencies.clock()), filter_of(values)
    with reading() as session:
        counts = count_enterprises(session, scope, wanted, since=since)
        rows = list_enterprises(session, scope, wanted, request, since=since)
        page = Page([row_of(row) for row in rows], counts.found, request)
        return Ledger(page, counts, ledger_choices(session, scope))


def show_enterprise(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> EnterpriseDetail:
    """The detail page's facts; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        found = _find(session, scope, public_id, now=now)
        enterprise = found.enterprise
        record(session, actor, "see_enterprise", about=("enterprise", enterprise.id), now=now)
        return EnterpriseDetail(
            row=row_of(found),
            address=enterprise.address,
            kind=enterprise.kind,
            remark=enterprise.remark,
            created_at=enterprise.created_at,
            disabled_at=enterprise.disabled_at,
            waiting_count=count_waiting_reservations(session, enterprise.id, now=now),
            leads=_leads(session, scope, enterprise.id),
            history=_history(session, scope, enterprise.id),
        )


def show_leads(
    dependencies: Dependencies, scope: Scope, public_id: str
) -> tuple[EnterpriseRow, tuple[LeadView, ...]]:
    """Raises: NotFound."""
    with reading() as session:
        found = _find(session, scope, public_id, now=dependencies.clock())
        return row_of(found), _leads(session, scope, found.enterprise.id)


def show_values(dependencies: Dependencies, scope: Scope, public_id: str) -> EnterpriseValues:
    """Raises: NotFound."""
    with reading() as session:
        found = _find(session, scope, public_id, now=dependencies.clock())
        choices = ledger_choices(session, scope)
        return EnterpriseValues(row_of(found), form_values(found.enterprise), choices)


def show_chosen(
    dependencies: Dependencies, scope: Scope, public_ids: Sequence[str]
) -> tuple[EnterpriseRow, ...]:
    """The rows that somebody ticked. Raises: NotFound for none, or for one that is not there."""
    since = recent_since(dependencies.clock())
    with reading() as session:
        rows = find_ledger_rows(session, scope, public_ids, since=since)
        if not rows or len(rows) != len(set(public_ids)):
            raise NotFound
        return tuple(row_of(row) for row in rows)


def show_choices(scope: Scope) -> LedgerChoices:
    with reading() as session:
        return ledger_choices(session, scope)


def form_values(enterprise: Enterprise) -> dict[str, str]:
    """The enterprise as its form's texts."""
    return {
        "name": enterprise.name,
        "credit_code": enterprise.credit_code,
        "town": str(enterprise.town_id),
        "address": enterprise.address,
        "kind": enterprise.kind,
        "remark": enterprise.remark,
    }


def recent_since(now: datetime) -> datetime:
    """The start of the first of the last seven local days."""
    return day_bounds(local_day(now) - timedelta(days=_RECENT_DAYS - 1))[0]


def row_of(found: LedgerRow) -> EnterpriseRow:
    enterprise, lead = found.enterprise, found.main_lead
    return EnterpriseRow(
        public_id=enterprise.public_id,
        name=enterprise.name,
        credit_code=enterprise.credit_code,
        town=enterprise.town.name,
        main_lead=lead.name if lead else "",
        lead_count=found.lead_count,
        lead_phone_masked=mask_phone(lead.phone) if lead else "",
        employee_count=found.employee_count,
        passage_count=found.passage_count,
        is_active=enterprise.disabled_at is None,
        updated_at=enterprise.updated_at,
    )


def _find(session: Session, scope: Scope, public_id: str, *, now: datetime) -> LedgerRow:
    found = find_ledger_rows(session, scope, [public_id], since=recent_since(now))
    if not found:
        raise NotFound
    return found[0]


def _leads(session: Session, scope: Scope, enterprise_id: int) -> tuple[LeadView, ...]:
    links = list_leads(session, enterprise_id)
    accounts: dict[int | None, list[str]] = {}
    if isinstance(scope, DistrictScope):
        for account in list_accounts_of_leads(session, [link.lead_id for link in links]):
            accounts.setdefault(account.lead_id, []).append(account.name)
    return tuple(
        LeadView(
            public_id=link.lead.public_id,
            name=link.lead.name,
            phone_masked=mask_phone(link.lead.phone),
            is_main=link.is_main,
            accounts=tuple(accounts.get(link.lead_id, ())),
            other_enterprises=_others(scope, link),
        )
        for link in links
    )


def _others(scope: Scope, link: EnterpriseLead) -> tuple[str, ...]:
    """Names of enterprises outside a town are not the town's to see."""
    if not isinstance(scope, DistrictScope):
        return ()
    others = [one.enterprise for one in link.lead.enterprises]
    return tuple(other.name for other in others if other.id != link.enterprise_id)


def _history(session: Session, scope: Scope, enterprise_id: int) -> tuple[HistoryEntry, ...]:
    """What was changed, newest first; people's names of earlier days are for the bureau alone."""
    choices = ledger_choices(session, scope)
    towns = {str(town_id): name for town_id, name in (*choices.towns, *choices.former_towns)}
    entries = list_entries_about(
        session, ("enterprise", enterprise_id), actions=HISTORY_ACTIONS, limit=_MOST_ENTRIES
    )
    may_see_names = isinstance(scope, DistrictScope)
    return tuple(
        _entry(entry, personal if may_see_names else {}, towns) for entry, personal in entries
    )


def _entry(
    entry: AuditEntry, personal: Mapping[str, Any], towns: Mapping[str, str]
) -> HistoryEntry:
    details = entry.details
    changed: Mapping[str, Sequence[Any]] = details.get("changed", {})
    return HistoryEntry(
        at=entry.at,
        who=entry.actor_label,
        role=entry.role,
        action=entry.action,
        changes=tuple(_change(name, pair, towns) for name, pair in changed.items()),
        lead_name=str(personal.get("name", "")),
        reason=str(details.get("reason", "")),
    )


def _change(name: str, pair: Sequence[Any], towns: Mapping[str, str]) -> tuple[str, str, str]:
    if len(pair) != 2:
        return name, "", ""
    before, after = (str(value) for value in pair)
    if name == "town_id":
        return "town", towns.get(before, before), towns.get(after, after)
    return name, before, after
