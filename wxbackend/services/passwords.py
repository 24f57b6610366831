"""Changing and setting passwords of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.accounts import Account, PasswordRecord, list_password_hashes
from models.database import Session, reading, transaction
from models.sign_in import SignInAttempt, SignInOutcome
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.passwords import REMEMBERED_PASSWORDS, password_problem
from wxbackend.gateways.interfaces.works import PasswordHasher
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.lockout import LockedForNow, is_locked
from wxbackend.services.visitors import end_everything_of


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the account before the slow part, the hashing, begins."""

    name: str
    password_hash: str
    former_hashes: tuple[str, ...]
    is_locked: bool


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

    A wrong old password counts like one at signing in: a browser left open is no way round.
    Raises: InvalidForm, LockedForNow.
    """
    now, hasher = dependencies.clock(), dependencies.gateways.passwords
    known = _known(dependencies, account_id, actor, now=now)
    if known.is_locked:
        raise LockedForNow(minutes=int(dependencies.policy.sign_in.lockout.total_seconds() // 60))
    if not hasher.matches(known.password_hash, old):
        _note_wrong(account_id, known.name, actor, now=now)
        raise InvalidForm({"old": InvalidValue("password.old_wrong")})
    if errors := _errors(known, new, again, hasher):
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
    remember_password(session, account)
    end_everything_of(session, now=now, account_id=account.id)


def remember_password(session: Session, account: Account) -> None:
    """Keep the password's hash: it may not come back for a while."""
    session.flush()
    session.add(
        PasswordRecord(
            account_id=account.id,
            password_hash=account.password_hash,
            set_at=account.password_set_at,
        )
    )


def _known(dependencies: Dependencies, account_id: int, actor: Actor, *, now: datetime) -> _Known:
    policy = dependencies.policy.sign_in
    with reading() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise LookupError(account_id)
        return _Known(
            account.name,
            account.password_hash,
            tuple(list_password_hashes(session, account_id, most=REMEMBERED_PASSWORDS)),
            is_locked(session, account.name, actor.source, now=now, policy=policy),
        )


def _errors(known: _Known, new: str, again: str, hasher: PasswordHasher) -> dict[str, InvalidValue]:
    if problem := password_problem(new, name=known.name):
        return {"new": InvalidValue(problem)}
    if new != again:
        return {"again": InvalidValue("password.not_repeated")}
    if hasher.matches(known.password_hash, new):
        return {"new": InvalidValue("password.same")}
    if any(hasher.matches(former, new) for former in known.former_hashes):
        return {"new": InvalidValue("password.used_before", most=REMEMBERED_PASSWORDS)}
    return {}


def _note_wrong(account_id: int, name: str, actor: Actor, *, now: datetime) -> None:
    with transaction() as session:
        session.add(
            SignInAttempt(
                at=now,
                name_hash=name,
                account_id=account_id,
                source=actor.source,
                outcome=SignInOutcome.WRONG,
            )
        )
        about = ("account", account_id)
        record(session, actor, "change_password", about=about, now=now, succeeded=False)
