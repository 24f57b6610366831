"""Signing in as an enterprise lead: a phone number and a code sent to it by SMS."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from models.accounts import Binding, begin_binding, end_bindings
from models.database import Session, transaction
from models.enterprises import Lead, find_active_lead, list_active_enterprises_of_lead
from models.sessions import end_phone_tokens
from models.sign_in import SignInCode, count_codes, find_newest_code, spend_try, use_code
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.errors import InvalidForm, InvalidValue, TooMany
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.phones import parse_mobile
from wxbackend.domain.policy import SignInPolicy
from wxbackend.domain.roles import Role
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue, send_at_once
from wxbackend.services.sign_in import SignedIn, WrongCredentials
from wxbackend.services.visitors import Door, Visitor, open_session

_DAY = timedelta(days=1)


class CodeTooSoon(TooMany):
    code = "code_too_soon"


class CodeTooOften(TooMany):
    code = "code_too_often"


def send_code(dependencies: Dependencies, visitor: Visitor, *, phone: str, actor: Actor) -> None:
    """Send a code to a lead's number; to any other number nothing, with the same answer.

    Raises: InvalidForm for what is no number, TooMany when the number was sent codes too often.
    """
    number = _parse_phone(phone)
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    if visitor.session_id is None:
        raise LookupError("a code belongs to a session")
    code = f"{secrets.randbelow(10**6):06d}"
    salt = secrets.token_bytes(16)
    with transaction() as session:
        _check_pace(session, number, now=now, policy=policy)
        lead = find_active_lead(session, number)
        row = SignInCode(
            lead_id=lead.id if lead else None,
            phone_hash=number,
            session_id=visitor.session_id,
            salt=salt,
            code_hash=_hash_code(code, salt),
            created_at=now,
            expires_at=now + policy.code_valid_for,
            tries_left=policy.most_wrong_codes,
        )
        session.add(row)
        session.flush()
        letter_id = None
        if lead is not None:
            letter_id = _enqueue_code(session, dependencies, lead, row, code, now=now)
        record(session, actor, "send_sign_in_code", about=("lead", row.lead_id or ""), now=now)
    if letter_id is not None:
        # The answer does not wait for it: it would tell a known number from an unknown one.
        dependencies.run_soon(lambda: send_at_once(dependencies, letter_id))


def sign_in_with_code(
    dependencies: Dependencies,
    visitor: Visitor,
    *,
    phone: str,
    code: str,
    old_secret: str | None,
    actor: Actor,
) -> SignedIn:
    """Raises: InvalidForm, WrongCredentials."""
    number = _parse_phone(phone)
    typed = clean_code(code)
    now = dependencies.clock()
    if visitor.session_id is None:
        raise WrongCredentials("sign_in.code_wrong")
    with transaction() as session:
        row = find_newest_code(session, number, visitor.session_id)
        lead = _lead_of_code(session, row, number, typed, now=now)
        record(
            session,
            Actor(
                ActorKind.LEAD, lead.id, Role.ENTERPRISE.value, "", actor.source, actor.request_id
            )
            if lead
            else actor,
            "sign_in",
            about=("lead", (row.lead_id if row else None) or ""),
            now=now,
            succeeded=lead is not None,
            details={
                "outcome": "ok" if lead else "wrong",
                "in_wechat": visitor.wechat_user_id is not None,
            },
        )
        if lead is not None:
            return open_for_lead(
                session, dependencies, visitor, lead, old_secret=old_secret, now=now
            )
    raise WrongCredentials("sign_in.code_wrong")


def _lead_of_code(
    session: Session, row: SignInCode | None, number: str, typed: str, *, now: datetime
) -> Lead | None:
    if row is None or row.expires_at <= now or not spend_try(session, row.id):
        return None
    if not hmac.compare_digest(row.code_hash, _hash_code(typed, row.salt)):
        return None
    lead = find_active_lead(session, number)
    return lead if lead is not None and use_code(session, row.id, now=now) else None


def open_for_lead(
    session: Session,
    dependencies: Dependencies,
    visitor: Visitor,
    lead: Lead,
    *,
    old_secret: str | None,
    now: datetime,
) -> SignedIn:
    """A new session for the lead; on a page in WeChat the openid is bound to them."""
    is_bound = visitor.wechat_user_id is not None and visitor.door is Door.PAGES
    if is_bound:
        end_bindings(session, now=now, lead_id=lead.id)
        for member in visitor.members:
            if member.role is Role.ENTERPRISE:
                end_bindings(session, now=now, lead_id=member.lead_id)
        user_id = visitor.wechat_user_id
        binding = Binding(wechat_user_id=user_id, lead_id=lead.id, created_at=now)
        begin_binding(session, binding)
    elif visitor.wechat_user_id is not None:
        end_phone_tokens(session, lead_id=lead.id)
    secret = open_session(
        session,
        now=now,
        policy=dependencies.policy.sign_in,
        door=visitor.door,
        wechat_user_id=visitor.wechat_user_id,
        lead_id=None if is_bound else lead.id,
        role=Role.ENTERPRISE,
        replaces=old_secret,
    )
    return SignedIn(secret, Role.ENTERPRISE, visitor.return_path, must_change_password=False)


def _check_pace(session: Session, number: str, *, now: datetime, policy: SignInPolicy) -> None:
    if count_codes(session, number, since=now - policy.code_pause):
        raise CodeTooSoon(seconds=int(policy.code_pause.total_seconds()))
    if count_codes(session, number, since=now - _DAY) >= policy.most_codes_a_day:
        raise CodeTooOften(most=policy.most_codes_a_day)


def _enqueue_code(
    session: Session,
    dependencies: Dependencies,
    lead: Lead,
    row: SignInCode,
    code: str,
    *,
    now: datetime,
) -> int:
    """The notification's id."""
    minutes = _minutes(dependencies.policy.sign_in.code_valid_for)
    text = dependencies.gateways.wording.text("message.sign_in_code", code=code, minutes=minutes)
    enterprises = list_active_enterprises_of_lead(session, lead.id)
    letter = enqueue(
        session,
        Letter(
            event=f"sign_in_code:{row.id}",
            recipient=f"lead:{lead.id}",
            channel=Channel.SMS,
            kind=NotificationKind.SIGN_IN_CODE,
            address=lead.phone,
            content={"text": text, "facts": {"code": code, "minutes": str(minutes)}},
            not_after=row.expires_at,
            recipient_name=lead.name,
            recipient_unit="、".join(enterprise.name for enterprise in enterprises),
        ),
        now=now,
    )
    session.flush()
    return letter.id


def _parse_phone(phone: str) -> str:
    try:
        return parse_mobile(phone)
    except InvalidValue as error:
        raise InvalidForm({"phone": error}) from None


def _hash_code(code: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + code.encode("utf-8", "replace")).digest()


def _minutes(duration: timedelta) -> int:
    return int(duration.total_seconds() // 60)
