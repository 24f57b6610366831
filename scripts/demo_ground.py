"""What stands in the demo district's database before its history begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.accounts import Account, find_account
from models.database import Session
from models.enterprises import (
    AlertRecipient,
    Lead,
    find_enterprises_by_credit_code,
    list_leads_to_tell,
    list_recipients_to_tell,
)
from models.places import list_checkpoints, list_denial_reasons, list_towns
from scripts.sample_district import District
from wxbackend.domain.gate import RosterMatch
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True)
class Ground:
    dependencies: Dependencies
    now: datetime
    town_ids: dict[str, int]
    checkpoint_ids: dict[str, int]
    reasons: list[str]
    matches: dict[str, RosterMatch]  # by credit code
    leads: list[tuple[int, Lead]]
    recipients: list[AlertRecipient]
    staff: dict[int, Account]  # by checkpoint id
    bureau: Account


def find_ground(session: Session, dependencies: Dependencies, district: District) -> Ground:
    codes = [one.credit_code for one in district.enterprises]
    enterprises = find_enterprises_by_credit_code(session, DistrictScope(), codes)
    towns = {row.name: row.id for row in list_towns(session)}
    accounts = [find_account(session, name) for name in ("gate1", "gate2", "gate3", "bureau1")]
    found = [account for account in accounts if account is not None]
    return Ground(
        dependencies,
        dependencies.clock().replace(microsecond=0),
        towns,
        {row.name: row.id for row in list_checkpoints(session)},
        [row.wording for row in list_denial_reasons(session)],
        {code: RosterMatch(row.id, row.name, row.town_id) for code, row in enterprises.items()},
        list_leads_to_tell(session, [row.id for row in enterprises.values()]),
        list_recipients_to_tell(session, towns.values()),
        {row.checkpoint_id: row for row in found if row.checkpoint_id is not None},
        found[-1],
    )
