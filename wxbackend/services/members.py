"""The roles that an account or a lead gives, and what they may see by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.accounts import Account, Binding
from models.database import Session
from models.enterprises import Lead, list_active_enterprises_of_lead
from models.shifts import find_open_shift
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.policy import SignInPolicy
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import (
    CheckpointScope,
    DistrictScope,
    EnterpriseScope,
    NoScope,
    Scope,
    TownScope,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One role that the visitor has by an account or as a lead."""

    role: Role
    account_id: int | None
    lead_id: int | None
    account_name: str
    display_name: str
    place: str  # the checkpoint's or town's name, if the role has one
    scope: Scope
    must_change_password: bool

    @property
    def checkpoint_id(self) -> int:
        """Raises: LookupError for a member who does not stand at a checkpoint."""
        if not isinstance(self.scope, CheckpointScope):
            raise LookupError(self.role)
        return self.scope.checkpoint_id


@dataclass(frozen=True, slots=True)
class Moment:
    """When somebody is looked at, and by which limits."""

    now: datetime
    policy: SignInPolicy

    def must_change_password(self, session: Session, account: Account) -> bool:
        """A first password, or one grown old; who is on shift may finish the shift first."""
        if account.must_change_password:
            return True
        if self.now - account.password_set_at < self.policy.password_valid_for:
            return False
        return find_open_shift(session, account.id, now=self.now) is None


def members_of_binding(session: Session, binding: Binding, moment: Moment) -> list[Member]:
    if binding.account is not None:
        return members_of_account(session, binding.account, moment)
    return members_of_lead(session, binding.lead) if binding.lead else []


def members_of_account(session: Session, account: Account, moment: Moment) -> list[Member]:
    if account.disabled_at is not None:
        return []
    must_change = moment.must_change_password(session, account)
    if account.role is Role.ENTERPRISE:
        members = members_of_lead(session, account.lead) if account.lead else []
        return [_as_account(member, account, must_change=must_change) for member in members]
    place = account.checkpoint or account.town
    return [
        Member(
            role=account.role,
            account_id=account.id,
            lead_id=None,
            account_name=account.name,
            display_name=account.display_name,
            place=place.name if place else "",
            scope=_scope_of(account),
            must_change_password=must_change,
        )
    ]


def _as_account(member: Member, account: Account, *, must_change: bool) -> Member:
    return Member(
        role=member.role,
        account_id=account.id,
        lead_id=member.lead_id,
        account_name=account.name,
        display_name=member.display_name,
        place=member.place,
        scope=member.scope,
        must_change_password=must_change,
    )


def members_of_lead(session: Session, lead: Lead) -> list[Member]:
    """A lead is one only while at least one of their enterprises is active."""
    enterprises = list_active_enterprises_of_lead(session, lead.id)
    if lead.disabled_at is not None or not enterprises:
        return []
    return [
        Member(
            role=Role.ENTERPRISE,
            account_id=None,
            lead_id=lead.id,
            account_name=mask_phone(lead.phone),
            display_name=lead.name,
            place="、".join(enterprise.name for enterprise in enterprises),
            scope=EnterpriseScope(frozenset(enterprise.id for enterprise in enterprises)),
            must_change_password=False,
        )
    ]


def _scope_of(account: Account) -> Scope:
    if account.checkpoint_id is not None:
        return CheckpointScope(account.checkpoint_id)
    if account.town_id is not None:
        return TownScope(account.town_id)
    return DistrictScope() if account.role is Role.BUREAU else NoScope()
