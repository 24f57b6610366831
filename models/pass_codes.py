"""Pass codes: only hashes; the code itself is derived from a key that is not here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.base import Base, KeyedHash, UtcDateTime
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.pass_codes import PassToken, ShortCode
from wxbackend.domain.scope import Scope


class PassCode(Base):
    __tablename__ = "pass_code"
    __table_args__ = (
        Index(
            "uq_pass_code_short_code_hash",
            "short_code_hash",
            unique=True,
            postgresql_where=text("is_live"),
            sqlite_where=text("is_live"),
        ),
        Index("ix_pass_code_short_code_hash", "short_code_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    key_id: Mapped[str] = mapped_column(String(20))
    seed: Mapped[bytes] = mapped_column(LargeBinary(16))
    short_code_turn: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[str | bytes] = mapped_column(KeyedHash("pass_token"), unique=True)
    short_code_hash: Mapped[str | bytes] = mapped_column(KeyedHash("short_code"))
    # Live codes alone must have short codes of their own; old ones may be given out again.
    is_live: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    reservation: Mapped[Reservation] = relationship()


def find_pass_code_of(session: Session, reservation_id: int) -> PassCode | None:
    """The code of a reservation that the caller already reached inside its scope."""
    return session.scalar(select(PassCode).where(PassCode.reservation_id == reservation_id))


def find_pass_code(session: Session, scope: Scope, code: PassToken | ShortCode) -> PassCode | None:
    """The code that somebody holds, with its whole reservation; of short codes the newest."""
    held = (
        PassCode.token_hash == code.text
        if isinstance(code, PassToken)
        else PassCode.short_code_hash == code.text
    )
    query = (
        select(PassCode)
        .join(PassCode.reservation)
        .where(held, visible(scope, Reservation))
        .options(
            joinedload(PassCode.reservation).selectinload(Reservation.passengers),
            joinedload(PassCode.reservation).joinedload(Reservation.checkpoint),
            joinedload(PassCode.reservation).joinedload(Reservation.destination_town),
        )
        .order_by(PassCode.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def is_short_code_taken(session: Session, code: ShortCode) -> bool:
    query = select(PassCode.id).where(PassCode.short_code_hash == code.text, PassCode.is_live)
    return session.scalar(query) is not None


def retire_pass_code(session: Session, reservation_id: int) -> None:
    query = update(PassCode).where(PassCode.reservation_id == reservation_id)
    session.execute(query.values(is_live=False))


def move_expiry(session: Session, reservation_id: int, expires_at: datetime) -> None:
    query = update(PassCode).where(PassCode.reservation_id == reservation_id)
    session.execute(query.values(expires_at=expires_at))
