"""Enterprises at a glance: how many they employ, and how many of their people passed in a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.employees import Employee
from models.enterprises import Enterprise
from models.listing import count_up_to, has_part
from models.passages import Passage, PassageEnterprise
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class EnterpriseAtAGlance:
    enterprise: Enterprise
    employee_count: int
    allowed_count: int


def list_enterprises_at_a_glance(
    session: Session,
    scope: Scope,
    *,
    name_part: str = "",
    decided: tuple[datetime, datetime],
    request: PageRequest,
) -> tuple[Sequence[EnterpriseAtAGlance], int]:
    """Active enterprises by name, and how many there are; `decided` is [start, end)."""
    query = select(Enterprise).where(visible(scope, Enterprise), Enterprise.disabled_at.is_(None))
    if name_part:
        query = query.where(has_part(Enterprise.name, name_part))
    total = count_up_to(session, query)
    page = (
        query.add_columns(_employed(), _allowed(decided))
        .options(joinedload(Enterprise.town))
        .order_by(Enterprise.name, Enterprise.id)
        .limit(request.size)
        .offset(request.offset)
    )
    return [EnterpriseAtAGlance(*row) for row in session.execute(page)], total


def find_enterprise_at_a_glance(
    session: Session, scope: Scope, public_id: str, *, decided: tuple[datetime, datetime]
) -> EnterpriseAtAGlance | None:
    query = (
        select(Enterprise, _employed(), _allowed(decided))
        .where(Enterprise.public_id == public_id, visible(scope, Enterprise))
        .options(joinedload(Enterprise.town))
    )
    row = session.execute(query).one_or_none()
    return EnterpriseAtAGlance(*row) if row else None


def count_employed(session: Session, scope: Scope) -> int:
    """How many rows stand on the rosters of active enterprises."""
    query = (
        select(func.count())
        .select_from(Employee)
        .join(Enterprise)
        .where(
            visible(scope, Employee),
            Employee.removed_at.is_(None),
            Enterprise.disabled_at.is_(None),
        )
    )
    return session.execute(query).scalar_one()


def _employed() -> Any:
    counted = select(func.count()).where(
        Employee.enterprise_id == Enterprise.id, Employee.removed_at.is_(None)
    )
    return counted.correlate(Enterprise).scalar_subquery()


def _allowed(decided: tuple[datetime, datetime]) -> Any:
    start, end = decided
    counted = (
        select(func.count())
        .select_from(PassageEnterprise)
        .join(Passage, Passage.id == PassageEnterprise.passage_id)
        .where(
            PassageEnterprise.enterprise_id == Enterprise.id,
            # A moved enterprise's passages stay with the town that it had.
            PassageEnterprise.town_id == Enterprise.town_id,
            Passage.decided_at >= start,
            Passage.decided_at < end,
            Passage.verdict == Verdict.ALLOWED,
        )
    )
    return counted.correlate(Enterprise).scalar_subquery()
