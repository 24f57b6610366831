"""Leads as persons: when what they were signed in to ends, and what a replaced number is told."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.accounts import list_accounts_of_leads
from models.database import Session
from models.enterprises import Lead, list_active_enterprises_of_lead
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.policy import Policy
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.outbox import Letter, enqueue
from wxbackend.services.visitors import end_everything_of

_LONGEST_UNIT = 100


def end_lead(session: Session, lead_id: int, *, now: datetime) -> None:
    """Sign the lead out everywhere, by phone number and by account."""
    end_everything_of(session, now=now, lead_id=lead_id)
    for account in list_accounts_of_leads(session, [lead_id]):
        end_everything_of(session, now=now, account_id=account.id)


def end_leads_without_enterprise(
    session: Session, lead_ids: Iterable[int], *, now: datetime
) -> None:
    """Who leads no active enterprise any more is signed out everywhere, at once."""
    for lead_id in sorted(set(lead_ids)):
        if not list_active_enterprises_of_lead(session, lead_id):
            end_lead(session, lead_id, now=now)


@dataclass(frozen=True, slots=True)
class LeadLetters:
    """Tells the number that led an enterprise until now that it does no longer."""

    wording: Wording
    policy: Policy

    def tell_replaced(
        self,
        session: Session,
        lead: Lead,
        *,
        phone: str,
        enterprises: Sequence[str],
        now: datetime,
    ) -> None:
        """One SMS to the old `phone`, in the transaction that replaces it."""
        names = "、".join(enterprises)
        kind = NotificationKind.LEAD_REPLACED
        facts = {"enterprise": names, "office": self.policy.district.office}
        letter = Letter(
            # The same number may be replaced, come back, and be replaced again.
            event=f"lead_replaced:{secrets.token_hex(8)}",
            recipient=f"lead:{lead.id}",
            channel=Channel.SMS,
            kind=kind,
            address=phone,
            content={"text": self.wording.text(f"message.{kind.value}", **facts), "facts": facts},
            not_after=now + self.policy.notifications.alert_valid_for,
            recipient_name=lead.name,
            recipient_unit=names[:_LONGEST_UNIT],
        )
        enqueue(session, letter, now=now)
