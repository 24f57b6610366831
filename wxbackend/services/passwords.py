"""Changing and setting passwords of accounts."""

from __future__ import annotations

from datetime import datetime

from models.accounts import Account
from models.database import Session, reading, transaction
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.passwords import password_problem
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import end_everything_of


def change_password(
    dependencies: Dependencies,
    *,
    account_id: int,
    old: str,
    new: str,
    again: str,
    actor: Actor,
) -> None:
    """Set a new password; every session and binding of the account ends.

    Raises: InvalidForm.
    """
    now, hasher = dependencies.clock(), dependencies.gateways.passwords
    with reading() as session:
        account = session.get(Account, account_id)
        name, old_hash = (account.name, account.password_hash) if account else ("", "")
    errors = {}
    if not hasher.matches(old_hash, old):
        errors["old"] = InvalidValue("password.old_wrong")
    problem = password_problem(new, name=name)
    if problem is None and new == old:
        problem = "password.same"
    if problem is not None:
        errors["new"] = InvalidValue(problem)
    elif new != again:
        errors["again"] = InvalidValue("password.not_repeated")
    if errors:
        raise InvalidForm(errors)
    new_hash = hasher.hash(new)
    with transaction() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise LookupError(account_id)
        set_password(session, account, new_hash, must_change=False, now=now)
        record(session, actor, "change_password", about=("account", account_id), now=now)


def set_password(
    session: Session, account: Account, password_hash: str, *, must_change: bool, now: datetime
) -> None:
    account.password_hash = password_hash
    account.password_set_at = now
    account.must_change_password = must_change
    end_everything_of(session, now=now, account_id=account.id)
