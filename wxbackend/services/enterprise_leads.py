"""An enterprise's leads: adding, replacing, renaming and removing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from models.database import Session, transaction
from models.enterprise_leads import list_enterprises_of_lead, list_leads, lock_enterprises
from models.enterprises import (
    Enterprise,
    EnterpriseLead,
    Lead,
    find_enterprise,
    find_leads_by_phone,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.enterprise_form import parse_lead, parse_lead_change
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.enterprise_history import write_down
from wxbackend.services.enterprises import (
    again_after_clash,
    lead_for,
    lock_enterprise,
    must_write,
)
from wxbackend.services.leads import LeadLetters, end_lead, end_leads_without_enterprise


class MainLeadStays(Conflict):
    """The main lead is removed only after somebody else has become it."""

    code = "main_lead_stays"


def add_lead(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    actor: Actor,
) -> None:
    """One more lead; a number that is known already brings its person.

    Raises: InvalidForm, NotFound, Forbidden.
    """
    must_write(scope)

    def work() -> None:
        now = dependencies.clock()
        with transaction() as session:
            row = lock_enterprise(session, scope, public_id)
            lead = lead_for(session, parse_lead(raw), now=now)
            if any(link.lead_id == lead.id for link in row.leads):
                raise InvalidForm({"lead_phone": InvalidValue("lead.twice")})
            is_first = not any(link.is_main for link in row.leads)
            row.leads.append(EnterpriseLead(lead=lead, is_main=is_first))
            _write_down(session, actor, "add_lead", row, lead, now=now)

    again_after_clash(work)


def set_main_lead(
    dependencies: Dependencies, scope: Scope, public_id: str, lead_id: str, *, actor: Actor
) -> None:
    """The one before stays a lead. Raises: NotFound, Forbidden."""
    must_write(scope)
    now = dependencies.clock()
    with transaction() as session:
        row = lock_enterprise(session, scope, public_id)
        chosen = _link(row, lead_id)
        if chosen.is_main:
            return
        for link in row.leads:
            link.is_main = False
        session.flush()  # at no moment two main leads
        chosen.is_main = True
        _write_down(session, actor, "set_main_lead", row, chosen.lead, now=now)


def remove_lead(
    dependencies: Dependencies, scope: Scope, public_id: str, lead_id: str, *, actor: Actor
) -> None:
    """The lead loses this enterprise at once, and is signed out when it was the last.

    Raises: MainLeadStays, NotFound, Forbidden.
    """
    must_write(scope)
    now = dependencies.clock()
    with transaction() as session:
        row = lock_enterprise(session, scope, public_id)
        link = _link(row, lead_id)
        if link.is_main:
            raise MainLeadStays
        _write_down(session, actor, "remove_lead", row, link.lead, now=now)
        session.delete(link)
        session.flush()
        end_leads_without_enterprise(session, [link.lead_id], now=now)


def change_lead(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    lead_id: str,
    raw: Mapping[str, str],
    *,
    before: Mapping[str, str],
    actor: Actor,
) -> bool:
    """Rename the lead or replace the phone number; whether anything changed.

    An empty number stays as it is, so that the page need not show it. A replaced one ends every
    session, and the old number is told. `before` is the name and the masked number that the form
    began with. Raises: InvalidForm, NotFound, Forbidden.
    """
    must_write(scope)

    def work() -> bool:
        now = dependencies.clock()
        with transaction() as session:
            lead, rows = _lock_everywhere(session, scope, public_id, lead_id)
            if dict(before) != {"name": lead.name, "phone": mask_phone(lead.phone)}:
                raise InvalidForm({"version": InvalidValue("lead.changed")})
            name, phone = parse_lead_change(raw)
            is_renamed = _rename(session, lead, rows, name, actor=actor, now=now)
            is_replaced = phone is not None and phone != lead.phone
            if is_replaced:
                _replace(session, dependencies, lead, rows, phone or "", actor=actor, now=now)
            return is_renamed or is_replaced

    return again_after_clash(work)


def reveal_lead_phone(
    dependencies: Dependencies, scope: Scope, public_id: str, lead_id: str, *, actor: Actor
) -> str:
    """The whole number; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        row = find_enterprise(session, scope, public_id)
        links = list_leads(session, row.id) if row else []
        lead = next((link.lead for link in links if link.lead.public_id == lead_id), None)
        if row is None or lead is None:
            raise NotFound
        details = {"enterprise_id": row.id, "field": "phone"}
        about = ("lead", lead.id)
        record(session, actor, "reveal_lead_phone", about=about, now=now, details=details)
        return lead.phone


def _link(row: Enterprise, lead_id: str) -> EnterpriseLead:
    """Raises: NotFound."""
    for link in row.leads:
        if link.lead.public_id == lead_id:
            return link
    raise NotFound


def _lock_everywhere(
    session: Session, scope: Scope, public_id: str, lead_id: str
) -> tuple[Lead, list[Enterprise]]:
    """The lead and all their enterprises, locked in one order. Raises: NotFound."""
    wanted = {public_id, *list_enterprises_of_lead(session, scope, lead_id)}
    rows = lock_enterprises(session, scope, wanted)
    if public_id not in rows:
        raise NotFound
    lead = _link(rows[public_id], lead_id).lead
    return lead, [row for row in rows.values() if any(one.lead is lead for one in row.leads)]


def _rename(
    session: Session,
    lead: Lead,
    rows: list[Enterprise],
    name: str,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    if name == lead.name:
        return False
    former, lead.name = lead.name, name
    for row in rows:
        _write_down(session, actor, "rename_lead", row, lead, now=now, former_name=former)
    return True


def _replace(
    session: Session,
    dependencies: Dependencies,
    lead: Lead,
    rows: list[Enterprise],
    phone: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    other = find_leads_by_phone(session, [phone]).get(phone)
    if other is not None:
        raise InvalidForm({"lead_phone": InvalidValue("lead.phone_taken", name=other.name)})
    former = lead.phone
    lead.phone = lead.phone_hash = lead.phone_tail_hash = phone
    session.flush()
    for row in rows:
        _write_down(session, actor, "change_lead_phone", row, lead, now=now, former_phone=former)
    end_lead(session, lead.id, now=now)
    letters = LeadLetters(dependencies.gateways.wording, dependencies.policy)
    names = [row.name for row in rows]
    letters.tell_replaced(session, lead, phone=former, enterprises=names, now=now)


def _write_down(
    session: Session,
    actor: Actor,
    action: str,
    row: Enterprise,
    lead: Lead,
    *,
    now: datetime,
    **former: str,
) -> None:
    row.updated_at = now
    personal = {"name": lead.name, "phone": lead.phone, **former}
    details = {"lead_id": lead.id}
    write_down(session, actor, action, row, details=details, personal=personal, now=now)
