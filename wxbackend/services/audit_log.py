"""审计日志 and 登录记录: what was done and who signed in, read only and without personal parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from models.audit import AuditEntry
from models.audit_log import (
    LogFilter,
    LogPlace,
    find_log_entry,
    list_log,
    names_of_accounts,
    phones_of_leads,
)
from models.database import Session, reading
from wxbackend.domain.actors import ActorKind
from wxbackend.domain.errors import NotFound
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.moments import day_bounds, local_day, parse_day
from wxbackend.services.dependencies import Dependencies

PAGE_SIZE = 50
_SHOWN_DAYS = timedelta(days=6)
SIGN_IN_ACTIONS = ("sign_in", "sign_out", "send_sign_in_code")


@dataclass(frozen=True, slots=True)
class Party:
    """Who acted, or who was acted on: an account by name, a lead by masked number, else an id."""

    kind: str
    id: str
    name: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry; of its personal part only that there is one."""

    id: int
    at: datetime
    actor: Party
    role: str
    action: str
    object: Party
    succeeded: bool
    source: str
    request_id: str
    details: Mapping[str, Any]
    has_personal: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    rows: Sequence[LogEntry]
    has_newer: bool
    has_older: bool


def usual_stretch(dependencies: Dependencies) -> tuple[date, date]:
    """The days that a log shows unless asked for others: the last seven."""
    today = local_day(dependencies.clock())
    return today - _SHOWN_DAYS, today


def read_log(
    dependencies: Dependencies,
    wanted: Mapping[str, str],
    place: str,
    *,
    actions: Collection[str] = (),
) -> LogPage:
    """One page of the log: at the top, below an entry (`b120`) or above one (`a120`).

    `actions` bounds what there is to see. Nonsense in filters is ignored.
    """
    with reading() as session:
        found = list_log(
            session, _filter_of(dependencies, wanted, actions), _place(place), size=PAGE_SIZE
        )
        return LogPage(_shown(session, found.rows), found.has_newer, found.has_older)


def read_entry(entry_id: int) -> LogEntry:
    """Raises: NotFound."""
    with reading() as session:
        found = find_log_entry(session, entry_id)
        if found is None:
            raise NotFound
        return _shown(session, [found])[0]


def _place(text: str) -> LogPlace:
    entry_id = _number(text[1:])
    if entry_id < 0:
        return LogPlace()
    return LogPlace(after=entry_id) if text[0] == "a" else LogPlace(before=entry_id)


def _filter_of(
    dependencies: Dependencies, wanted: Mapping[str, str], actions: Collection[str]
) -> LogFilter:
    usual_first, usual_last = usual_stretch(dependencies)
    first = parse_day(wanted.get("first", "")) or usual_first
    last = parse_day(wanted.get("last", "")) or max(first, usual_last)
    action = wanted.get("action", "")
    if action and (not actions or action in actions):
        actions = (action,)
    return LogFilter(
        since=day_bounds(first)[0],
        until=day_bounds(last)[1],
        account=wanted.get("account", ""),
        role=wanted.get("role", ""),
        actions=actions,
        object_kind=wanted.get("object_kind", ""),
        object_id=wanted.get("object_id", ""),
        source=wanted.get("source", ""),
        succeeded={"ok": True, "failed": False}.get(wanted.get("result", "")),
        outcome=wanted.get("outcome", ""),
    )


def _shown(session: Session, rows: Iterable[tuple[AuditEntry, bool]]) -> list[LogEntry]:
    rows = list(rows)
    parties = [
        found
        for entry, _ in rows
        for found in ((entry.actor_kind, entry.actor_id), (entry.object_kind, entry.object_id))
    ]
    accounts = names_of_accounts(session, _ids(parties, ActorKind.ACCOUNT))
    phones = phones_of_leads(session, _ids(parties, ActorKind.LEAD))

    def party(kind: str, party_id: object, label: str = "") -> Party:
        number = _number(party_id)
        if kind == ActorKind.ACCOUNT and number in accounts:
            name, display_name = accounts[number]
            return Party(kind, str(party_id), name, display_name)
        if kind == ActorKind.LEAD and number in phones:
            return Party(kind, str(party_id), mask_phone(phones[number]))
        return Party(kind, "" if party_id is None else str(party_id), label)

    return [
        LogEntry(
            id=entry.id,
            at=entry.at,
            actor=party(entry.actor_kind, entry.actor_id, entry.actor_label),
            role=entry.role,
            action=entry.action,
            object=party(entry.object_kind, entry.object_id),
            succeeded=entry.succeeded,
            source=entry.source,
            request_id=entry.request_id,
            details=dict(entry.details or {}),
            has_personal=has_personal,
        )
        for entry, has_personal in rows
    ]


def _ids(parties: Iterable[tuple[str, object]], kind: ActorKind) -> set[int]:
    return {_number(party_id) for found, party_id in parties if found == kind} - {-1}


def _number(party_id: object) -> int:
    text = str(party_id)
    return int(text) if text.isdecimal() and len(text) < 10 else -1
