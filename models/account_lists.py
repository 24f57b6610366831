"""The list of accounts, and what stands around one: its binding, its sessions, its last sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from models.accounts import Account, Binding
from models.base import changed_rows
from models.listing import Condition, begins_with, count_up_to, ordered
from models.sessions import BrowserSession
from models.sign_in import SignInAttempt, SignInOutcome
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.roles import Role

_SORTS = {
    "name": Account.name,
    "display_name": Account.display_name,
    "role": Account.role,
    "created": Account.created_at,
}


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Empty means unrestricted; `state` is one of active, disabled, first_password, bound."""

    name: str = ""
    display_name: str = ""
    role: Role | None = None
    state: str = ""
    checkpoint_id: int | None = None
    town_id: int | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account, since when a WeChat is bound to it, and its last sign-in by password."""

    account: Account
    bound_since: datetime | None
    signed_in_at: datetime | None


def list_accounts(
    session: Session, wanted: AccountFilter, request: PageRequest
) -> tuple[Sequence[AccountFacts], int]:
    """One page of accounts, and how many there are."""
    matching = select(Account).where(*_conditions(wanted))
    page = ordered(_with_facts(wanted), request, columns=_SORTS, key=Account.id)
    rows = [AccountFacts(row[0], row[1], row[2]) for row in session.execute(page)]
    return rows, count_up_to(session, matching)


def find_account_facts(session: Session, public_id: str) -> AccountFacts | None:
    query = _with_facts(AccountFilter()).where(Account.public_id == public_id)
    row = session.execute(query).one_or_none()
    return AccountFacts(row[0], row[1], row[2]) if row else None


def find_account_by_public_id(session: Session, public_id: str) -> Account | None:
    query = select(Account).where(Account.public_id == public_id)
    return session.scalar(
        query.options(
            joinedload(Account.checkpoint), joinedload(Account.town), joinedload(Account.lead)
        )
    )


def count_live_sessions(session: Session, account_id: int, *, now: datetime) -> int:
    """Browsers signed in as the account; a bound WeChat is not counted here."""
    query = select(func.count()).where(
        BrowserSession.account_id == account_id, BrowserSession.expires_at > now
    )
    return session.execute(query).scalar_one()


def lock_active_admins(session: Session) -> set[int]:
    """The ids of admins who may sign in; until the end no other transaction changes them."""
    query = select(Account.id).where(Account.role == Role.ADMIN, Account.disabled_at.is_(None))
    return set(session.scalars(query.order_by(Account.id).with_for_update()))


def enable_account(session: Session, account_id: int) -> bool:
    query = update(Account).where(Account.id == account_id, Account.disabled_at.is_not(None))
    return changed_rows(session, query.values(disabled_at=None)) == 1


def _with_facts(wanted: AccountFilter) -> Select[Any]:
    bound = select(Binding.created_at).where(
        Binding.account_id == Account.id, Binding.ended_at.is_(None)
    )
    last = select(func.max(SignInAttempt.at)).where(
        SignInAttempt.account_id == Account.id, SignInAttempt.outcome == SignInOutcome.OK
    )
    together: Select[Any] = select(  # type: ignore[assignment]  # three columns, all unpacked
        Account, bound.scalar_subquery(), last.scalar_subquery()
    )
    return together.where(*_conditions(wanted)).options(
        joinedload(Account.checkpoint), joinedload(Account.town), joinedload(Account.lead)
    )


def _conditions(wanted: AccountFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.name:
        found.append(begins_with(Account.name, wanted.name.lower()))
    if wanted.display_name:
        found.append(begins_with(Account.display_name, wanted.display_name))
    if wanted.role is not None:
        found.append(Account.role == wanted.role)
    if wanted.checkpoint_id is not None:
        found.append(Account.checkpoint_id == wanted.checkpoint_id)
    if wanted.town_id is not None:
        found.append(Account.town_id == wanted.town_id)
    if wanted.state in _STATES:
        found.append(_STATES[wanted.state])
    return found


_STATES: dict[str, Condition] = {
    "active": Account.disabled_at.is_(None),
    "disabled": Account.disabled_at.is_not(None),
    "first_password": Account.must_change_password & Account.disabled_at.is_(None),
    "bound": Account.id.in_(
        select(Binding.account_id).where(
            Binding.account_id.is_not(None), Binding.ended_at.is_(None)
        )
    ),
}
