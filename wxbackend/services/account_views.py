"""The list of accounts and one account, as the admin sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.account_lists import (
    AccountFacts,
    AccountFilter,
    count_live_sessions,
    find_account_facts,
)
from models.account_lists import list_accounts as read_accounts
from models.accounts import Account
from models.database import reading
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.roles import ACCOUNT_ROLES, Role
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.members import Member


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """`place` is the checkpoint, the town, or the lead with a masked number, as the role has it."""

    public_id: str
    name: str
    display_name: str
    role: Role
    place: str
    is_disabled: bool
    has_first_password: bool
    bound_since: datetime | None
    signed_in_at: datetime | None
    created_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class AccountDetail:
    account: ShownAccount
    disabled_at: datetime | None
    password_set_at: datetime
    password_ends_at: datetime
    live_sessions: int


def list_accounts(
    member: Member, wanted: Mapping[str, str], request: PageRequest
) -> Page[ShownAccount]:
    """`wanted` holds name, display_name, role, state and place (`town:3`); nonsense is ignored."""
    with reading() as session:
        rows, total = read_accounts(session, _filter_of(wanted), request)
        return Page([_shown(row, member) for row in rows], total, request)


def show_account(dependencies: Dependencies, member: Member, public_id: str) -> AccountDetail:
    """Raises: NotFound."""
    policy = dependencies.policy.sign_in
    with reading() as session:
        facts = find_account_facts(session, public_id)
        if facts is None:
            raise NotFound
        account = facts.account
        valid_for = policy.password_valid_for
        if account.must_change_password:
            valid_for = policy.first_password_valid_for
        return AccountDetail(
            _shown(facts, member),
            account.disabled_at,
            account.password_set_at,
            account.password_set_at + valid_for,
            count_live_sessions(session, account.id, now=dependencies.clock()),
        )


def account_form(public_id: str) -> Mapping[str, str]:
    """What the form for changing an account begins with; a lead's number is never sent back.

    Raises: NotFound.
    """
    with reading() as session:
        facts = find_account_facts(session, public_id)
        if facts is None:
            raise NotFound
        account = facts.account
        return {
            "name": account.name,
            "display_name": account.display_name,
            "role": account.role.value,
            "checkpoint": account.checkpoint.name if account.checkpoint else "",
            "town": account.town.name if account.town else "",
            "phone": "",
            "lead": _place(account) if account.lead else "",
        }


def _filter_of(wanted: Mapping[str, str]) -> AccountFilter:
    role = wanted.get("role", "")
    kind, _, number = wanted.get("place", "").partition(":")
    place_id = int(number) if number.isdecimal() and len(number) < 10 else None
    return AccountFilter(
        name=wanted.get("name", ""),
        display_name=wanted.get("display_name", ""),
        role=Role(role) if role in ACCOUNT_ROLES else None,
        state=wanted.get("state", ""),
        checkpoint_id=place_id if kind == "checkpoint" else None,
        town_id=place_id if kind == "town" else None,
    )


def _shown(facts: AccountFacts, member: Member) -> ShownAccount:
    account = facts.account
    return ShownAccount(
        public_id=account.public_id,
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        place=_place(account),
        is_disabled=account.disabled_at is not None,
        has_first_password=account.must_change_password,
        bound_since=facts.bound_since,
        signed_in_at=facts.signed_in_at,
        created_at=account.created_at,
        is_own=account.id == member.account_id,
    )


def _place(account: Account) -> str:
    if account.lead is not None:
        return f"{account.lead.name} {mask_phone(account.lead.phone)}"
    place = account.checkpoint or account.town
    return place.name if place else ""
