"""Who is behind a browser: sessions, the accounts and leads they act as, and signing out."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.accounts import WechatUser, end_bindings, list_bindings
from models.database import Session, reading, transaction
from models.sessions import (
    BrowserSession,
    delete_expired_sessions,
    end_session,
    end_sessions_of,
    find_session,
    remember_return_path,
    touch_session,
)
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.policy import SignInPolicy
from wxbackend.domain.roles import PORT_ORDER, Role
from wxbackend.domain.scope import (
    DriverScope,
)
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.members import Member as Member  # part of who a visitor is
from wxbackend.services.members import (
    Moment,
    members_of_account,
    members_of_binding,
    members_of_lead,
)

# A session's last use is written at most this often: reading a page costs no write.
_TOUCH_EVERY = timedelta(minutes=2)
# Tokens of the API are sessions too. Their text tells them apart, and a scanner for leaked secrets
# knows one by it; what stands in a browser's cookie is never taken for one.
_TOKEN_PREFIX = "wxb_"  # noqa: S105 - no secret


class Door(StrEnum):
    """Which way somebody comes in."""

    PAGES = "pages"
    API = "api"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The one behind a request. Without a session everything is empty."""

    session_id: int | None
    wechat_user_id: int | None
    openid: str | None
    members: tuple[Member, ...]
    return_path: str | None
    door: Door = Door.PAGES

    def member(self, role: Role) -> Member | None:
        return next((member for member in self.members if member.role is role), None)

    @property
    def roles(self) -> tuple[Role, ...]:
        held = {member.role for member in self.members}
        if self.wechat_user_id is not None:
            held.add(Role.DRIVER)
        ordered = dict.fromkeys([*PORT_ORDER, *Role])
        return tuple(role for role in ordered if role in held)

    @property
    def driver_scope(self) -> DriverScope | None:
        return None if self.wechat_user_id is None else DriverScope(self.wechat_user_id)


NOBODY = Visitor(None, None, None, (), None)


def actor_of(visitor: Visitor, member: Member | None, *, source: str, request_id: str) -> Actor:
    """The one whom the audit log names: a member, else the driver, else nobody."""
    if member is not None and member.account_id is not None:
        return Actor(
            ActorKind.ACCOUNT,
            member.account_id,
            member.role.value,
            member.account_name,
            source,
            request_id,
        )
    if member is not None:
        return Actor(ActorKind.LEAD, member.lead_id, member.role.value, "", source, request_id)
    if visitor.wechat_user_id is not None:
        return Actor(
            ActorKind.DRIVER, visitor.wechat_user_id, Role.DRIVER.value, "", source, request_id
        )
    return Actor(ActorKind.NOBODY, None, "", "", source, request_id)


def load_visitor(secret: str | None, *, now: datetime, policy: SignInPolicy) -> Visitor:
    """Who holds this session secret; `NOBODY` for none, an ended or an idle one."""
    if not secret:
        return NOBODY
    with reading() as session:
        row = find_session(session, _hash(secret), now=now)
        if row is None:
            return NOBODY
        visitor = _visitor_of(session, row, Moment(now, policy))
        is_stale = now - row.seen_at > _TOUCH_EVERY
        expires_at = _end_of(row.created_at, now, _idle_limit(visitor, policy), policy)
        session_id = row.id
    if is_stale:
        _touch(session_id, now=now, expires_at=expires_at)
    return visitor


def load_token_holder(token: str | None, *, now: datetime, policy: SignInPolicy) -> Visitor:
    """Who holds this token of the API; `NOBODY` for a browser's session too."""
    if token is None or not token.startswith(_TOKEN_PREFIX):
        return NOBODY
    return replace(load_visitor(token, now=now, policy=policy), door=Door.API)


def open_session(
    session: Session,
    *,
    now: datetime,
    policy: SignInPolicy,
    door: Door = Door.PAGES,
    wechat_user_id: int | None = None,
    account_id: int | None = None,
    lead_id: int | None = None,
    role: Role | None = None,
    return_path: str | None = None,
    replaces: str | None = None,
) -> str:
    """A new session and its secret. Signing in always makes a new one (SEC-B01)."""
    if replaces:
        end_session(session, _hash(replaces))
    secret = (_TOKEN_PREFIX if door is Door.API else "") + secrets.token_urlsafe(32)
    idle = policy.driver_session if wechat_user_id is not None else _idle_of(role, policy)
    session.add(
        BrowserSession(
            secret_hash=_hash(secret),
            wechat_user_id=wechat_user_id,
            account_id=account_id,
            lead_id=lead_id,
            created_at=now,
            seen_at=now,
            expires_at=now + idle,
            return_path=return_path,
        )
    )
    session.flush()
    return secret


def open_anonymous_session(
    *, return_path: str, now: datetime, policy: SignInPolicy, door: Door = Door.PAGES
) -> str:
    """A session of nobody yet, which remembers where to go after signing in."""
    with transaction() as session:
        return open_session(session, now=now, policy=policy, return_path=return_path, door=door)


def set_return_path(visitor: Visitor, path: str | None) -> None:
    """Remember (or forget) where this visitor goes after signing in."""
    if visitor.session_id is not None and visitor.return_path != path:
        with transaction() as session:
            remember_return_path(session, visitor.session_id, path)


def sign_out(member: Member | None, secret: str, *, actor: Actor, now: datetime) -> None:
    """End the session; on a phone the WeChat user is unbound from the account or lead too."""
    with transaction() as session:
        end_session(session, _hash(secret))
        if member is not None:
            end_bindings(session, now=now, account_id=member.account_id, lead_id=member.lead_id)
            is_account = member.account_id is not None
            about = ("account", member.account_id) if is_account else ("lead", member.lead_id)
            record(session, actor, "sign_out", about=about, now=now)


def end_one_session(secret: str, *, actor: Actor, now: datetime) -> None:
    """End the session and leave every binding as it is."""
    with transaction() as session:
        end_session(session, _hash(secret))
        record(session, actor, "sign_out", about=(actor.kind.value, actor.id or ""), now=now)


def end_everything_of(
    session: Session, *, now: datetime, account_id: int | None = None, lead_id: int | None = None
) -> None:
    """What disabling, a new password or another role does: no session and no binding is left."""
    end_bindings(session, now=now, account_id=account_id, lead_id=lead_id)
    end_sessions_of(session, account_id=account_id, lead_id=lead_id)


def _visitor_of(session: Session, row: BrowserSession, moment: Moment) -> Visitor:
    members: list[Member] = []
    if row.account is not None:
        members += members_of_account(session, row.account, moment)
    if row.lead is not None:
        members += members_of_lead(session, row.lead)
    if row.wechat_user_id is not None:
        members += _members_bound_to(session, row.wechat_user_id, moment)
    user: WechatUser | None = row.wechat_user
    return Visitor(
        session_id=row.id,
        wechat_user_id=row.wechat_user_id,
        openid=user.openid if user else None,
        members=tuple(members),
        return_path=row.return_path,
    )


def visitor_in_wechat(session: Session, user: WechatUser, moment: Moment) -> Visitor:
    """The one behind an openid when no browser is there: in the account's chat."""
    members = _members_bound_to(session, user.id, moment)
    return Visitor(None, user.id, user.openid, tuple(members), None)


def _members_bound_to(session: Session, wechat_user_id: int, moment: Moment) -> list[Member]:
    bindings = list_bindings(session, wechat_user_id)
    return [one for binding in bindings for one in members_of_binding(session, binding, moment)]


def _idle_of(role: Role | None, policy: SignInPolicy) -> timedelta:
    return policy.gate_idle if role is Role.CHECKPOINT else policy.office_idle


def _idle_limit(visitor: Visitor, policy: SignInPolicy) -> timedelta:
    if visitor.wechat_user_id is not None:
        return policy.driver_session
    return _idle_of(visitor.members[0].role if visitor.members else None, policy)


def _touch(session_id: int, *, now: datetime, expires_at: datetime) -> None:
    with transaction() as session:
        touch_session(session, session_id, seen_at=now, expires_at=expires_at)


def _end_of(created_at: datetime, now: datetime, idle: timedelta, policy: SignInPolicy) -> datetime:
    """Idle time counts from the last use; no session outlives the longest one there is."""
    return min(now + idle, created_at + policy.driver_session)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def erase_ended_sessions(dependencies: Dependencies) -> int:
    with transaction() as session:
        return delete_expired_sessions(session, now=dependencies.clock())
