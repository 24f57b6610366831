"""Bearer tokens of the API: every way to get one, and how one ends."""

from __future__ import annotations

from dataclasses import dataclass

from models.accounts import get_or_create_wechat_user
from models.database import transaction
from models.enterprises import find_active_lead
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.errors import InvalidValue, ProductError
from wxbackend.domain.phones import parse_mobile
from wxbackend.domain.roles import Role
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.mini_program import ProgramCodeSpent
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services import code_sign_in, sign_in
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import (
    Door,
    Visitor,
    end_one_session,
    load_token_holder,
    open_anonymous_session,
    open_session,
)


class ProgramCodeRefused(ProductError):
    """WeChat does not take the mini-program's code; the program asks WeChat for a new one."""

    code = "program_code_refused"


class MiniProgramUnavailable(ProductError):
    """WeChat does not answer, or no mini-program is configured."""

    code = "mini_program_unavailable"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    roles: tuple[Role, ...]
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class SentCode:
    """`ticket` ties the code to the program that asked for it."""

    ticket: str


def sign_in_with_wechat(dependencies: Dependencies, *, js_code: str) -> IssuedToken:
    """A token for the WeChat user of the mini-program.

    Raises: ProgramCodeRefused, MiniProgramUnavailable.
    """
    visitor = _visitor_of(dependencies, js_code)
    with transaction() as session:
        token = open_session(
            session,
            now=dependencies.clock(),
            policy=dependencies.policy.sign_in,
            door=Door.API,
            wechat_user_id=visitor.wechat_user_id,
        )
    return _issued(dependencies, token)


def sign_in_with_phone(
    dependencies: Dependencies, *, js_code: str, phone_code: str, actor: Actor
) -> IssuedToken:
    """A token for the lead whose number WeChat vouches for; else for the WeChat user alone.

    Raises: ProgramCodeRefused, MiniProgramUnavailable.
    """
    visitor = _visitor_of(dependencies, js_code)
    number = _phone_of(dependencies, phone_code)
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    with transaction() as session:
        lead = find_active_lead(session, number)
        if lead is not None:
            token = code_sign_in.open_for_lead(
                session, dependencies, visitor, lead, old_secret=None, now=now
            ).secret
            record(
                session,
                Actor(
                    ActorKind.LEAD,
                    lead.id,
                    Role.ENTERPRISE.value,
                    "",
                    actor.source,
                    actor.request_id,
                ),
                "sign_in",
                about=("lead", lead.id),
                now=now,
                details={"outcome": "ok", "in_wechat": True},
            )
        else:
            token = open_session(
                session,
                now=now,
                policy=policy,
                door=Door.API,
                wechat_user_id=visitor.wechat_user_id,
            )
    return _issued(dependencies, token)


def sign_in_with_password(
    dependencies: Dependencies, *, name: str, password: str, js_code: str | None, actor: Actor
) -> IssuedToken:
    """Raises: WrongCredentials, LockedForNow, ProgramCodeRefused, MiniProgramUnavailable."""
    signed_in = sign_in.sign_in_with_password(
        dependencies,
        _visitor_of(dependencies, js_code),
        name=name,
        password=password,
        old_secret=None,
        actor=actor,
    )
    return _issued(dependencies, signed_in.secret)


def send_sign_in_code(dependencies: Dependencies, *, phone: str, actor: Actor) -> SentCode:
    """Raises: InvalidForm, TooMany."""
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    ticket = open_anonymous_session(return_path="", now=now, policy=policy, door=Door.API)
    visitor = load_token_holder(ticket, now=now, policy=policy)
    code_sign_in.send_code(dependencies, visitor, phone=phone, actor=actor)
    return SentCode(ticket)


def sign_in_with_sms(
    dependencies: Dependencies,
    *,
    ticket: str,
    phone: str,
    code: str,
    js_code: str | None,
    actor: Actor,
) -> IssuedToken:
    """Raises: InvalidForm, WrongCredentials, ProgramCodeRefused, MiniProgramUnavailable."""
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    asked = load_token_holder(ticket, now=now, policy=policy)
    visitor = _visitor_of(dependencies, js_code, session_id=asked.session_id)
    signed_in = code_sign_in.sign_in_with_code(
        dependencies, visitor, phone=phone, code=code, old_secret=ticket, actor=actor
    )
    return _issued(dependencies, signed_in.secret)


def end_token(dependencies: Dependencies, token: str, *, actor: Actor) -> None:
    """Signing out: the token was the binding, so that both are gone."""
    end_one_session(token, actor=actor, now=dependencies.clock())


def _visitor_of(
    dependencies: Dependencies, js_code: str | None, *, session_id: int | None = None
) -> Visitor:
    """Who signs in: the WeChat user behind the code, or somebody without WeChat."""
    if js_code is None:
        return Visitor(session_id, None, None, (), None, Door.API)
    program = dependencies.gateways.mini_program
    try:
        openid = program.exchange_code(js_code)
    except ProgramCodeSpent:
        raise ProgramCodeRefused from None
    except (GatewayError, LockNotFree):
        raise MiniProgramUnavailable from None
    with transaction() as session:
        now = dependencies.clock()
        user = get_or_create_wechat_user(session, program.app_id, openid, now=now)
        return Visitor(session_id, user.id, openid, (), None, Door.API)


def _phone_of(dependencies: Dependencies, phone_code: str) -> str:
    try:
        number = dependencies.gateways.mini_program.fetch_phone_number(phone_code)
    except ProgramCodeSpent:
        raise ProgramCodeRefused from None
    except (GatewayError, LockNotFree):
        raise MiniProgramUnavailable from None
    try:
        return parse_mobile(number)
    except InvalidValue:
        return ""  # a foreign number: nobody's here


def _issued(dependencies: Dependencies, token: str) -> IssuedToken:
    holder = load_token_holder(token, now=dependencies.clock(), policy=dependencies.policy.sign_in)
    must_change = any(member.must_change_password for member in holder.members)
    return IssuedToken(token, holder.roles, must_change)
