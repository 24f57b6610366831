"""Enterprises with their leads, as those who keep the ledger change them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from models.enterprises import Enterprise, EnterpriseLead, Lead
from models.scope import visible
from wxbackend.domain.scope import Scope


def lock_enterprises(
    session: Session, scope: Scope, public_ids: Iterable[str]
) -> dict[str, Enterprise]:
    """Enterprises that are about to be changed, with town and leads; nobody else changes them."""
    query = (
        select(Enterprise)
        .where(Enterprise.public_id.in_(set(public_ids)), visible(scope, Enterprise))
        .options(
            joinedload(Enterprise.town, innerjoin=True),
            selectinload(Enterprise.leads).joinedload(EnterpriseLead.lead, innerjoin=True),
        )
        .order_by(Enterprise.id)
        .with_for_update(of=Enterprise)
    )
    return {row.public_id: row for row in session.scalars(query)}


def list_leads(session: Session, enterprise_id: int) -> list[EnterpriseLead]:
    """An enterprise's leads with what else they lead, the main one first."""
    query = (
        select(EnterpriseLead)
        .where(EnterpriseLead.enterprise_id == enterprise_id)
        .join(EnterpriseLead.lead)
        .options(
            contains_eager(EnterpriseLead.lead)
            .selectinload(Lead.enterprises)
            .joinedload(EnterpriseLead.enterprise, innerjoin=True)
        )
        .order_by(EnterpriseLead.is_main.desc(), Lead.id)
    )
    return list(session.scalars(query))


def list_enterprises_of_lead(session: Session, scope: Scope, lead_id: str) -> list[str]:
    """Public ids of everything that a lead (by public id) answers for, disabled ones included."""
    query = (
        select(Enterprise.public_id)
        .join(EnterpriseLead)
        .join(Lead)
        .where(Lead.public_id == lead_id, visible(scope, Enterprise))
    )
    return list(session.scalars(query))
