"""The ledger of enterprises: one page of it by filter, its counts, and what its filters offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from models.employees import Employee
from models.enterprises import Enterprise, EnterpriseLead, Lead
from models.listing import begins_with, count_up_to, has_part, in_parts, is_number, ordered
from models.passages import Passage, PassageEnterprise
from models.places import Town
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.enterprise_form import EnterpriseFilter
from wxbackend.domain.listing import COUNTED_ROWS, PageRequest
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.scope import EnterpriseScope, Scope

_MOST_KINDS = 100


@dataclass(frozen=True, slots=True)
class LedgerRow:
    enterprise: Enterprise
    main_lead: Lead | None
    lead_count: int
    employee_count: int
    passage_count: int


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """`found` is counted up to COUNTED_ROWS and one; the others are the whole scope's."""

    found: int
    all: int
    active: int


@dataclass(frozen=True, slots=True)
class LedgerChoices:
    """What filters and forms offer: towns in use as (id, name), and the kinds that occur."""

    towns: tuple[tuple[int, str], ...]
    former_towns: tuple[tuple[int, str], ...]
    kinds: tuple[str, ...]


def list_enterprises(
    session: Session,
    scope: Scope,
    wanted: EnterpriseFilter,
    request: PageRequest,
    *,
    since: datetime,
) -> Sequence[LedgerRow]:
    """One page; passages count since `since`. Without a column asked for, the last changed first.

    Which rows are shown is found first: the counts beside them are made for those alone.
    """
    request = _with_own_order(request)
    columns = _columns(scope, since)
    matching = select(Enterprise.id).where(*_conditions(scope, wanted, since=since))
    shown = ordered(matching, request, columns=columns, key=Enterprise.id).subquery()
    query: Any = _with_counts(scope, since).where(Enterprise.id.in_(select(shown.c.id)))
    again = ordered(query, replace(request, number=1), columns=columns, key=Enterprise.id)
    return [LedgerRow(*row) for row in session.execute(again)]


def all_enterprises(
    session: Session,
    scope: Scope,
    wanted: EnterpriseFilter,
    request: PageRequest,
    *,
    since: datetime,
) -> Iterator[Sequence[LedgerRow]]:
    """Every page of the list, part by part, for an export."""
    query: Any = _with_counts(scope, since).where(*_conditions(scope, wanted, since=since))
    query = ordered(
        query, _with_own_order(request), columns=_columns(scope, since), key=Enterprise.id
    )
    for part in in_parts(session, query.limit(None).offset(None)):
        yield [LedgerRow(*row) for row in part]


def count_found(
    session: Session, scope: Scope, wanted: EnterpriseFilter, *, since: datetime, most: int
) -> int:
    query = select(Enterprise.id).where(*_conditions(scope, wanted, since=since))
    return count_up_to(session, query, most=most)


def count_enterprises(
    session: Session, scope: Scope, wanted: EnterpriseFilter, *, since: datetime
) -> LedgerCounts:
    """The three counts of a list page, by one statement."""
    matching = select(literal(1)).select_from(Enterprise)
    matching = matching.where(*_conditions(scope, wanted, since=since)).limit(COUNTED_ROWS + 1)
    mine = select(func.count()).select_from(Enterprise).where(visible(scope, Enterprise))
    found = select(func.count()).select_from(matching.subquery())
    row = session.execute(
        select(
            found.scalar_subquery(),
            mine.scalar_subquery(),
            mine.where(Enterprise.disabled_at.is_(None)).scalar_subquery(),
        )
    ).one()
    return LedgerCounts(*row)


def ledger_choices(session: Session, scope: Scope) -> LedgerChoices:
    """Both lists by one statement; kinds only of what the scope shows."""
    town = select(
        literal("town").label("part"),
        Town.id.label("id"),
        Town.name.label("name"),
        case((Town.is_active, 0), else_=1).label("is_former"),
        Town.position.label("position"),
    )
    kinds = (
        select(Enterprise.kind.label("name"))
        .where(visible(scope, Enterprise), Enterprise.kind != "")
        .distinct()
        .limit(_MOST_KINDS)
        .subquery()
    )
    kind = select(literal("kind"), literal(0), kinds.c.name, literal(0), literal(0))
    together = union_all(town, kind).subquery()
    found: dict[tuple[str, int], list[tuple[int, str]]] = {}
    query = select(together).order_by(together.c.position, together.c.name)
    for part, row_id, name, is_former, _ in session.execute(query):
        found.setdefault((part, is_former), []).append((row_id, name))
    return LedgerChoices(
        tuple(found.get(("town", 0), ())),
        tuple(found.get(("town", 1), ())),
        tuple(name for _, name in found.get(("kind", 0), ())),
    )


def find_ledger_rows(
    session: Session, scope: Scope, public_ids: Iterable[str], *, since: datetime
) -> list[LedgerRow]:
    query = (
        _with_counts(scope, since)
        .where(Enterprise.public_id.in_(set(public_ids)), visible(scope, Enterprise))
        .order_by(Enterprise.id)
    )
    return [LedgerRow(*row) for row in session.execute(query)]


def count_waiting_reservations(session: Session, enterprise_id: int, *, now: datetime) -> int:
    """Reservations that may still pass, of those whom the enterprise's roster knows."""
    query = (
        select(func.count())
        .select_from(Reservation)
        .where(
            Reservation.state == ReservationState.RESERVED,
            Reservation.expires_at > now,
            visible(EnterpriseScope(frozenset({enterprise_id})), Reservation),
        )
    )
    return session.execute(query).scalar_one()


def _with_own_order(request: PageRequest) -> PageRequest:
    return request if request.sort else replace(request, sort="updated", is_descending=True)


def _columns(scope: Scope, since: datetime) -> dict[str, Any]:
    return {
        "name": Enterprise.name,
        "employees": _employees(),
        "passages": _passages(scope, since),
        "updated": Enterprise.updated_at,
    }


def _with_counts(scope: Scope, since: datetime) -> Select[Enterprise, Lead | None, int, int, int]:
    is_main = and_(EnterpriseLead.enterprise_id == Enterprise.id, EnterpriseLead.is_main)
    return (
        select(Enterprise, Lead, _leads(), _employees(), _passages(scope, since))
        .outerjoin(EnterpriseLead, is_main)
        .outerjoin(Lead, Lead.id == EnterpriseLead.lead_id)
        .options(joinedload(Enterprise.town, innerjoin=True))
    )


def _conditions(
    scope: Scope, wanted: EnterpriseFilter, *, since: datetime
) -> list[ColumnElement[bool]]:
    found = [visible(scope, Enterprise)]
    if wanted.text:
        by_code = has_part(Enterprise.credit_code, clean_code(wanted.text))
        found.append(or_(has_part(Enterprise.name, wanted.text), by_code))
    if wanted.town_id is not None:
        found.append(Enterprise.town_id == wanted.town_id)
    if wanted.is_active is not None:
        disabled = Enterprise.disabled_at
        found.append(disabled.is_(None) if wanted.is_active else disabled.is_not(None))
    if wanted.kind:
        found.append(Enterprise.kind == wanted.kind)
    if wanted.has_passages is not None:
        passed = exists(_recent(scope, since).correlate(Enterprise))
        found.append(passed if wanted.has_passages else ~passed)
    if wanted.lead_name:
        found.append(_led_by(begins_with(Lead.name, wanted.lead_name)))
    if wanted.lead_phone:
        number = wanted.lead_phone
        found.append(_led_by(is_number(Lead.phone_hash, Lead.phone_tail_hash, number)))
    return found


def _led_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    led = (
        select(EnterpriseLead.lead_id)
        .join(Lead, Lead.id == EnterpriseLead.lead_id)
        .where(EnterpriseLead.enterprise_id == Enterprise.id, condition)
    )
    return exists(led.correlate(Enterprise))


def _leads() -> ScalarSelect[int]:
    query = select(func.count()).select_from(EnterpriseLead)
    query = query.where(EnterpriseLead.enterprise_id == Enterprise.id)
    return query.correlate(Enterprise).scalar_subquery()


def _employees() -> ScalarSelect[int]:
    query = select(func.count()).select_from(Employee)
    query = query.where(Employee.enterprise_id == Enterprise.id, Employee.removed_at.is_(None))
    return query.correlate(Enterprise).scalar_subquery()


def _passages(scope: Scope, since: datetime) -> ScalarSelect[int]:
    query = _recent(scope, since).with_only_columns(func.count())
    return query.correlate(Enterprise).scalar_subquery()


def _recent(scope: Scope, since: datetime) -> Select[Any]:
    """Passages that recorded the enterprise; a moved one's past stays with its old town."""
    return (
        select(PassageEnterprise.passage_id)
        .join(Passage, Passage.id == PassageEnterprise.passage_id)
        .where(
            PassageEnterprise.enterprise_id == Enterprise.id,
            Passage.decided_at >= since,
            visible(scope, PassageEnterprise),
        )
    )
