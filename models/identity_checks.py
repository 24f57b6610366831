"""Identity checks: each belongs to one reservation, is asked about by its key, and settles once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedText, KeyedHash, UtcDateTime, changed_rows, enum_column


class IdentityCheckState(StrEnum):
    REQUESTED = "requested"  # the provider is being asked for a certToken
    STARTED = "started"  # the person is at the provider's page
    PASSED = "passed"
    FAILED = "failed"
    LAPSED = "lapsed"  # the certToken ended without a result, or the provider did not answer
    SUPERSEDED = "superseded"  # the driver began again or changed what was to be checked


LIVE_STATES = (IdentityCheckState.REQUESTED, IdentityCheckState.STARTED)


class IdentityCheck(Base):
    __tablename__ = "identity_check"
    __table_args__ = (
        Index(
            "uq_identity_check_live",
            "reservation_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'started')"),
            sqlite_where=text("state IN ('requested', 'started')"),
        ),
        Index("ix_identity_check_state_next_question_at", "state", "next_question_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
    provider: Mapped[str] = mapped_column(String(20))
    # Stands in the path of the return address, since the provider drops its query string.
    return_key_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash("identity_check.return_key"), unique=True
    )
    cert_token: Mapped[str | None] = mapped_column(EncryptedText("identity_check.cert_token"))
    cert_token_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("identity_check.cert_token"), unique=True
    )
    page_url: Mapped[str | None] = mapped_column(EncryptedText("identity_check.page_url"))
    state: Mapped[IdentityCheckState] = mapped_column(enum_column(IdentityCheckState))
    result_code: Mapped[str] = mapped_column(String(60), default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_question_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_live_check(session: Session, reservation_id: int) -> IdentityCheck | None:
    query = select(IdentityCheck).where(
        IdentityCheck.reservation_id == reservation_id, IdentityCheck.state.in_(LIVE_STATES)
    )
    return session.scalar(query)


def find_latest_check(session: Session, reservation_id: int) -> IdentityCheck | None:
    query = (
        select(IdentityCheck)
        .where(IdentityCheck.reservation_id == reservation_id)
        .order_by(IdentityCheck.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def find_check_by_return_key(session: Session, return_key: str) -> IdentityCheck | None:
    return session.scalar(select(IdentityCheck).where(IdentityCheck.return_key_hash == return_key))


def find_check(session: Session, check_id: int) -> IdentityCheck | None:
    return session.get(IdentityCheck, check_id)


def settle_check(
    session: Session,
    check_id: int,
    state: IdentityCheckState,
    *,
    result_code: str,
    now: datetime,
) -> bool:
    """Move a live check to its end; False when another process already did."""
    query = (
        update(IdentityCheck)
        .where(IdentityCheck.id == check_id, IdentityCheck.state.in_(LIVE_STATES))
        .values(state=state, result_code=result_code, settled_at=now)
    )
    return changed_rows(session, query) == 1


def supersede_checks(session: Session, reservation_id: int, *, now: datetime) -> None:
    query = (
        update(IdentityCheck)
        .where(IdentityCheck.reservation_id == reservation_id, IdentityCheck.state.in_(LIVE_STATES))
        .values(state=IdentityCheckState.SUPERSEDED, settled_at=now)
    )
    session.execute(query)


def claim_questions(
    session: Session, *, now: datetime, next_question_at: datetime, limit: int
) -> Sequence[int]:
    """Started checks whose turn has come; moving their turn claims them for this process."""
    due = (
        select(IdentityCheck.id)
        .where(
            IdentityCheck.state.in_(LIVE_STATES),
            IdentityCheck.next_question_at <= now,
        )
        .order_by(IdentityCheck.next_question_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    session.execute(
        update(IdentityCheck)
        .where(IdentityCheck.id.in_(ids))
        .values(next_question_at=next_question_at)
    )
    return ids


def list_settled_checks(session: Session, reservation_id: int) -> Sequence[IdentityCheck]:
    """What became of a reservation's checks, oldest first."""
    query = (
        select(IdentityCheck)
        .where(
            IdentityCheck.reservation_id == reservation_id,
            IdentityCheck.state.in_((IdentityCheckState.PASSED, IdentityCheckState.FAILED)),
        )
        .order_by(IdentityCheck.id)
    )
    return session.scalars(query).all()
