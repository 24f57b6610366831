"""Tries to sign in, and the codes sent for it: what limits are counted on, shared by processes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import PHONE, Base, KeyedHash, UtcDateTime, changed_rows, enum_column


class SignInOutcome(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"
    DISABLED = "disabled"
    EXPIRED = "expired"  # a first password that nobody changed in time


class SignInAttempt(Base):
    """One try. The name typed is kept only as a hash: people type passwords into that field."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    name_hash: Mapped[str | bytes] = mapped_column(KeyedHash("sign_in.name"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    source: Mapped[str] = mapped_column(String(45))
    outcome: Mapped[SignInOutcome] = mapped_column(enum_column(SignInOutcome))


class SignInCode(Base):
    """A code sent by SMS to a lead; good once, for the browser that asked for it."""

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    # A number that no lead has gets a row too, without a lead: limits must not tell who is known.
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    phone_hash: Mapped[str | bytes] = mapped_column(KeyedHash(PHONE), index=True)
    session_id: Mapped[int] = mapped_column(index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries_left: Mapped[int]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def count_recent_failures(
    session: Session, name: str, *, since: datetime, source: str | None
) -> int:
    """Wrong tries for this account name since then, from one source or from everywhere."""
    query = select(func.count()).where(
        SignInAttempt.name_hash == name,
        SignInAttempt.at > since,
        SignInAttempt.outcome == SignInOutcome.WRONG,
    )
    if source is not None:
        query = query.where(SignInAttempt.source == source)
    return session.execute(query).scalar_one()


def find_last_success(
    session: Session, name: str, *, since: datetime, source: str
) -> datetime | None:
    query = select(func.max(SignInAttempt.at)).where(
        SignInAttempt.name_hash == name,
        SignInAttempt.at > since,
        SignInAttempt.source == source,
        SignInAttempt.outcome == SignInOutcome.OK,
    )
    return session.execute(query).scalar_one()


def count_codes(session: Session, phone: str, *, since: datetime) -> int:
    query = select(func.count()).where(
        SignInCode.phone_hash == phone, SignInCode.created_at > since
    )
    return session.execute(query).scalar_one()


def find_newest_code(session: Session, phone: str, session_id: int) -> SignInCode | None:
    query = (
        select(SignInCode)
        .where(SignInCode.phone_hash == phone, SignInCode.session_id == session_id)
        .order_by(SignInCode.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def spend_try(session: Session, code_id: int) -> bool:
    """Take one of the tries left; False when there is none, however many ask at once."""
    query = (
        update(SignInCode)
        .where(SignInCode.id == code_id, SignInCode.tries_left > 0, SignInCode.used_at.is_(None))
        .values(tries_left=SignInCode.tries_left - 1)
    )
    return changed_rows(session, query) == 1


def use_code(session: Session, code_id: int, *, now: datetime) -> bool:
    """Use the code up; False when somebody else just did."""
    query = (
        update(SignInCode)
        .where(SignInCode.id == code_id, SignInCode.used_at.is_(None))
        .values(used_at=now)
    )
    return changed_rows(session, query) == 1
