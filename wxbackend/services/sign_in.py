"""Signing in with account and password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.accounts import Account, Binding, begin_binding, end_bindings, find_account
from models.database import Session, reading, transaction
from models.sessions import end_phone_tokens
from models.sign_in import SignInAttempt, SignInOutcome
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.roles import Role
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.lockout import LockedForNow, is_locked
from wxbackend.services.visitors import Door, Visitor, open_session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The new session's secret, and where the visitor wanted to go before."""

    secret: str
    role: Role
    return_path: str | None
    must_change_password: bool


class WrongCredentials(InvalidForm):
    """Account or password, phone or code do not match; never said which."""

    def __init__(self, code: str) -> None:
        super().__init__({"": InvalidValue(code)})


def sign_in_with_password(
    dependencies: Dependencies,
    visitor: Visitor,
    *,
    name: str,
    password: str,
    old_secret: str | None,
    actor: Actor,
) -> SignedIn:
    """A new session for the account; in WeChat the openid is bound to it.

    Raises: WrongCredentials, LockedForNow.
    """
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    name = clean_code(name).lower()
    with reading() as session:
        must_wait = is_locked(session, name, actor.source, now=now, policy=policy)
        account = find_account(session, name)
        password_hash = account.password_hash if account else None
    hasher = dependencies.gateways.passwords
    if must_wait:
        outcome = SignInOutcome.LOCKED
    elif password_hash is None:
        hasher.spend_time(password)
        outcome = SignInOutcome.WRONG
    else:
        matches = hasher.matches(password_hash, password)
        outcome = SignInOutcome.OK if matches else SignInOutcome.WRONG
    return _finish_password(
        dependencies, visitor, name, outcome, old_secret=old_secret, actor=actor, now=now
    )


def _finish_password(
    dependencies: Dependencies,
    visitor: Visitor,
    name: str,
    outcome: SignInOutcome,
    *,
    old_secret: str | None,
    actor: Actor,
    now: datetime,
) -> SignedIn:
    with transaction() as session:
        account = find_account(session, name)
        if outcome is SignInOutcome.OK and (account is None or account.disabled_at is not None):
            outcome = SignInOutcome.DISABLED
        if outcome is SignInOutcome.OK and account and _is_too_late(dependencies, account, now=now):
            outcome = SignInOutcome.EXPIRED
        facts = {"in_wechat": visitor.wechat_user_id is not None}
        _note_attempt(session, name, account, outcome, facts, actor=actor, now=now)
        if outcome is SignInOutcome.OK and account is not None:
            return _open_for_account(
                session, dependencies, visitor, account, old_secret=old_secret, now=now
            )
    if outcome is SignInOutcome.LOCKED:
        raise LockedForNow(minutes=int(dependencies.policy.sign_in.lockout.total_seconds() // 60))
    if outcome is SignInOutcome.EXPIRED:
        raise WrongCredentials("sign_in.first_password_expired")
    raise WrongCredentials("sign_in.wrong")


def _is_too_late(dependencies: Dependencies, account: Account, *, now: datetime) -> bool:
    """A password that an admin handed out, and that nobody made their own in time (SEC-A08)."""
    limit = dependencies.policy.sign_in.first_password_valid_for
    return account.must_change_password and now - account.password_set_at >= limit


def _note_attempt(
    session: Session,
    name: str,
    account: Account | None,
    outcome: SignInOutcome,
    facts: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    session.add(
        SignInAttempt(
            at=now,
            name_hash=name,
            account_id=account.id if account else None,
            source=actor.source,
            outcome=outcome,
        )
    )
    known = account is not None
    who = Actor(
        ActorKind.ACCOUNT if account else ActorKind.NOBODY,
        account.id if account else None,
        account.role.value if account else "",
        account.name if account else "",
        actor.source,
        actor.request_id,
    )
    record(
        session,
        who,
        "sign_in",
        about=("account", account.id if account else ""),
        now=now,
        succeeded=outcome is SignInOutcome.OK,
        details={"outcome": outcome.value, "known": known, **facts},
    )


def _open_for_account(
    session: Session,
    dependencies: Dependencies,
    visitor: Visitor,
    account: Account,
    *,
    old_secret: str | None,
    now: datetime,
) -> SignedIn:
    is_bound = visitor.wechat_user_id is not None and visitor.door is Door.PAGES
    if is_bound:
        end_bindings(session, now=now, account_id=account.id)
        _end_bindings_of_role(session, visitor, account.role, now=now)
        user_id = visitor.wechat_user_id
        binding = Binding(wechat_user_id=user_id, account_id=account.id, created_at=now)
        begin_binding(session, binding)
    elif visitor.wechat_user_id is not None:
        end_phone_tokens(session, account_id=account.id)
    secret = open_session(
        session,
        now=now,
        policy=dependencies.policy.sign_in,
        door=visitor.door,
        wechat_user_id=visitor.wechat_user_id,
        account_id=None if is_bound else account.id,
        role=account.role,
        return_path=visitor.return_path,
        replaces=old_secret,
    )
    return SignedIn(secret, account.role, visitor.return_path, account.must_change_password)


def _end_bindings_of_role(session: Session, visitor: Visitor, role: Role, *, now: datetime) -> None:
    """A phone stands for one account of a role: signing in as another one leaves the first."""
    for member in visitor.members:
        if member.role is role:
            end_bindings(session, now=now, account_id=member.account_id)
