"""Enterprises and their main leads from files; the lead's phone number says who the lead is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from models.database import Session
from models.enterprises import (
    Enterprise,
    Lead,
    find_enterprises_by_credit_code,
    find_leads_by_phone,
    set_main_lead,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.import_rows import EnterpriseRecord
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record as record_audit
from wxbackend.services.enterprise_history import changed_values, write_down
from wxbackend.services.import_targets import Judged, Outcome, Values, assign, differing
from wxbackend.services.leads import LeadLetters, end_leads_without_enterprise

JudgedEnterprise = Judged[EnterpriseRecord, Enterprise]


class EnterpriseTarget:
    """A disabled enterprise or lead is brought up to date and stays disabled."""

    def __init__(self, scope: Scope, actor: Actor, letters: LeadLetters | None) -> None:
        self._scope = scope
        self._actor = actor
        self._letters = letters
        self._former_leads: set[int] = set()

    def judge(
        self, session: Session, records: Sequence[EnterpriseRecord]
    ) -> list[JudgedEnterprise]:
        codes = [record.credit_code for record in records]
        found = find_enterprises_by_credit_code(session, self._scope, codes)
        return [_judge(record, found.get(record.credit_code)) for record in records]

    def prepare(
        self, session: Session, judged: Sequence[JudgedEnterprise], *, now: datetime
    ) -> list[EnterpriseRecord]:
        """Enterprises are few and their leads are many rows' matter: `write` judges them again."""
        return [one.record for one in judged if one.outcome is not Outcome.UNCHANGED]

    def write(
        self, session: Session, prepared: Sequence[EnterpriseRecord], *, now: datetime
    ) -> None:
        leads = find_leads_by_phone(session, [record.lead_phone for record in prepared])
        for one in self.judge(session, prepared):
            lead = leads.get(one.record.lead_phone) or _new_lead(one.record, now=now)
            leads[one.record.lead_phone] = lead
            lead.name = one.record.lead_name
            session.add(lead)
            self._write_one(session, one, lead, now=now)

    def finish(self, session: Session, *, now: datetime) -> None:
        end_leads_without_enterprise(session, self._former_leads, now=now)

    def _write_one(
        self, session: Session, one: JudgedEnterprise, lead: Lead, *, now: datetime
    ) -> None:
        former = _main_lead(one.row) if one.row is not None else None
        enterprise = one.row or Enterprise(
            credit_code=one.record.credit_code, created_at=now, leads=[]
        )
        changed = changed_values(enterprise, _values(one.record)) if one.row else {}
        assign(enterprise, {**_values(one.record), "updated_at": now})
        session.add(enterprise)
        session.flush()
        action = "edit_enterprise" if one.row else "create_enterprise"
        if changed or not one.row:
            write_down(session, self._actor, action, enterprise, changed=changed, now=now)
        if former is not lead:
            set_main_lead(session, enterprise, lead)
        if former is not None and former is not lead:
            self._former_leads.add(former.id)
            self._audit(session, enterprise, former, lead, now=now)
            self._tell(session, enterprise, former, now=now)

    def _audit(
        self, session: Session, enterprise: Enterprise, former: Lead, lead: Lead, *, now: datetime
    ) -> None:
        record_audit(
            session,
            self._actor,
            "change_main_lead",
            about=("enterprise", enterprise.id),
            now=now,
            details={"former_lead_id": former.id, "lead_id": lead.id},
            personal={"former_phone": former.phone, "phone": lead.phone},
        )

    def _tell(
        self, session: Session, enterprise: Enterprise, former: Lead, *, now: datetime
    ) -> None:
        if self._letters is not None:
            names = [enterprise.name]
            self._letters.tell_replaced(
                session, former, phone=former.phone, enterprises=names, now=now
            )


def _judge(record: EnterpriseRecord, row: Enterprise | None) -> JudgedEnterprise:
    if row is None:
        return Judged(record, None, Outcome.NEW)
    lead = _main_lead(row)
    former_phone = lead.phone if lead is not None and lead.phone != record.lead_phone else None
    changed = [*differing(row, _values(record))]
    changed += ["lead_name"] if lead is None or lead.name != record.lead_name else []
    changed += ["lead_phone"] if lead is None or former_phone else []
    outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
    return Judged(record, row, outcome, tuple(changed), former_phone)


def _main_lead(enterprise: Enterprise) -> Lead | None:
    return next((link.lead for link in enterprise.leads if link.is_main), None)


def _new_lead(record: EnterpriseRecord, *, now: datetime) -> Lead:
    phone = record.lead_phone
    return Lead(
        name=record.lead_name,
        phone=phone,
        phone_hash=phone,
        phone_tail_hash=phone,
        created_at=now,
    )


def _values(record: EnterpriseRecord) -> Values:
    return {
        "name": record.name,
        "town_id": record.town_id,
        "address": record.address,
        "kind": record.kind,
        "remark": record.remark,
    }
