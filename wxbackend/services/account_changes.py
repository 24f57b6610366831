"""What an admin does to an account; the one who is asked about never is the admin themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.account_lists import (
    enable_account,
    find_account_by_public_id,
    lock_active_admins,
)
from models.accounts import Account, end_bindings
from models.database import Session, transaction
from models.sessions import end_sessions_of
from models.shifts import end_shifts
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.roles import ACCOUNT_ROLES, Role
from wxbackend.services.accounts import put_at_place, random_password
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passwords import set_password
from wxbackend.services.visitors import end_everything_of


class OwnAccount(Conflict):
    """An admin would shut themselves out."""

    code = "own_account"


class LastAdmin(Conflict):
    """Nobody would be left who manages accounts."""

    code = "last_admin"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """`place` as in `NewAccount`; empty keeps the lead of an account that stays a lead's."""

    display_name: str
    role: Role
    place: str = ""


def change_account(
    dependencies: Dependencies, public_id: str, change: AccountChange, *, actor: Actor
) -> None:
    """Another name, role or place; a new role or place ends sessions and binding at once.

    Raises: NotFound, InvalidForm, OwnAccount, LastAdmin.
    """
    now, display_name = dependencies.clock(), clean_text(change.display_name)[:50]
    if not display_name:
        raise InvalidForm({"display_name": InvalidValue("text.missing")})
    if change.role not in ACCOUNT_ROLES:
        raise InvalidForm({"role": InvalidValue("choice.unknown")})
    with transaction() as session:
        account = _get(session, public_id)
        before, former_name = _where(account), account.display_name
        if change.role is not account.role:
            _keep_an_admin(session, account, actor)
        account.display_name = display_name
        _move(session, account, change)
        after = _where(account)
        if after != before:
            _send_away(session, account, now=now)
        record(
            session,
            actor,
            "change_account",
            about=("account", account.id),
            now=now,
            details={"before": before, "after": after},
            personal=_renamed(former_name, display_name),
        )


def reset_account(dependencies: Dependencies, public_id: str, *, actor: Actor) -> str:
    """A new first password, which is shown once; every session ends. Raises: NotFound, OwnAccount.

    An own password is changed under 修改密码, which asks for the old one.
    """
    now, password = dependencies.clock(), random_password()
    password_hash = dependencies.gateways.passwords.hash(password)
    with transaction() as session:
        account = _get(session, public_id)
        _not_oneself(account, actor)
        set_password(session, account, password_hash, must_change=True, now=now)
        record(session, actor, "reset_password", about=("account", account.id), now=now)
    return password


def switch_account(
    dependencies: Dependencies, public_id: str, *, is_active: bool, actor: Actor
) -> None:
    """停用 or 启用. Disabling ends sessions, binding and shift at once.

    Raises: NotFound, OwnAccount, LastAdmin.
    """
    now = dependencies.clock()
    with transaction() as session:
        account = _get(session, public_id)
        if is_active:
            if enable_account(session, account.id):
                record(session, actor, "enable_account", about=("account", account.id), now=now)
            return
        _keep_an_admin(session, account, actor)
        if account.disabled_at is None:
            account.disabled_at = now
            _send_away(session, account, now=now)
            record(session, actor, "disable_account", about=("account", account.id), now=now)


def unbind_account(dependencies: Dependencies, public_id: str, *, actor: Actor) -> bool:
    """解绑微信; False when none was bound. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        account = _get(session, public_id)
        ended = end_bindings(session, now=now, account_id=account.id)
        if ended:
            record(session, actor, "unbind_account", about=("account", account.id), now=now)
        return ended > 0


def kick_account(dependencies: Dependencies, public_id: str, *, actor: Actor) -> None:
    """踢下线: every browser is signed out; a bound WeChat stays. Raises: NotFound, OwnAccount."""
    now = dependencies.clock()
    with transaction() as session:
        account = _get(session, public_id)
        _not_oneself(account, actor)
        end_sessions_of(session, account_id=account.id)
        record(session, actor, "end_sessions", about=("account", account.id), now=now)


def _get(session: Session, public_id: str) -> Account:
    account = find_account_by_public_id(session, public_id)
    if account is None:
        raise NotFound
    return account


def _not_oneself(account: Account, actor: Actor) -> None:
    if account.id == actor.id:
        raise OwnAccount


def _keep_an_admin(session: Session, account: Account, actor: Actor) -> None:
    """Before an account stops being what it is: it is not one's own, nor the last admin's."""
    _not_oneself(account, actor)
    if account.role is Role.ADMIN and lock_active_admins(session) <= {account.id}:
        raise LastAdmin


def _move(session: Session, account: Account, change: AccountChange) -> None:
    if change.role is Role.ENTERPRISE and account.role is Role.ENTERPRISE and not change.place:
        return
    account.role = change.role
    account.checkpoint_id = account.town_id = account.lead_id = None
    with session.no_autoflush:
        put_at_place(session, account, change.place)


def _renamed(before: str, after: str) -> dict[str, str]:
    return {"before": before, "after": after} if after != before else {}


def _where(account: Account) -> dict[str, object]:
    return {
        "role": account.role.value,
        "checkpoint_id": account.checkpoint_id,
        "town_id": account.town_id,
        "lead_id": account.lead_id,
    }


def _send_away(session: Session, account: Account, *, now: datetime) -> None:
    end_everything_of(session, now=now, account_id=account.id)
    end_shifts(session, account.id, now=now)
