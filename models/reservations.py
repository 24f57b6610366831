"""Reservations and their passengers, and the drafts and images that become part of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from models.base import (
    ID_NUMBER,
    PHONE,
    Base,
    EncryptedText,
    KeyedHash,
    UtcDateTime,
    changed_rows,
    enum_column,
    new_public_id,
)
from models.places import Checkpoint, Town
from models.scope import visible
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.reservation import (
    OPEN_STATES,
    HealthCode,
    IdentityAssurance,
    ReservationState,
    VehicleType,
    states_before,
)
from wxbackend.domain.scope import Scope


class Reservation(Base):
    __tablename__ = "reservation"
    __table_args__ = (
        # A second tap on 【提交预约】 sends the same key and meets this.
        UniqueConstraint("wechat_user_id", "submission_key"),
        Index("ix_reservation_wechat_user_id_created_at", "wechat_user_id", "created_at"),
        Index("ix_reservation_state_expires_at", "state", "expires_at"),
        # The office's list counts each state by these.
        *(
            Index(
                f"ix_reservation_state_{moment}",
                "state",
                moment,
                postgresql_where=text("erased_at IS NULL"),
                sqlite_where=text("erased_at IS NULL"),
            )
            for moment in ("arrival_at", "created_at")
        ),
        # A name is searched by its beginning, which the order of a language does not serve.
        Index("ix_reservation_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    wechat_user_id: Mapped[int] = mapped_column(ForeignKey("wechat_user.id"))
    submission_key: Mapped[str] = mapped_column(String(40))
    state: Mapped[ReservationState] = mapped_column(enum_column(ReservationState))
    identity: Mapped[IdentityAssurance] = mapped_column(enum_column(IdentityAssurance))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state_changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    name: Mapped[str] = mapped_column(String(50))
    id_type: Mapped[IdType] = mapped_column(enum_column(IdType))
    id_number: Mapped[str] = mapped_column(EncryptedText("reservation.id_number"))
    id_number_hash: Mapped[str | bytes] = mapped_column(KeyedHash(ID_NUMBER), index=True)
    id_number_tail_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash(ID_NUMBER + ".tail", last=4), index=True
    )
    phone: Mapped[str] = mapped_column(EncryptedText("reservation.phone"))
    phone_hash: Mapped[str | bytes] = mapped_column(KeyedHash(PHONE), index=True)
    phone_tail_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash(PHONE + ".tail", last=4), index=True
    )

    plate_number: Mapped[str] = mapped_column(String(10), index=True)
    vehicle_type: Mapped[VehicleType | None] = mapped_column(enum_column(VehicleType))
    trailer_plate: Mapped[str] = mapped_column(String(10), default="")
    enterprise_name: Mapped[str] = mapped_column(String(100), default="")
    origin: Mapped[str] = mapped_column(String(100))
    via: Mapped[str] = mapped_column(String(100), default="")
    destination_town_id: Mapped[int] = mapped_column(ForeignKey("town.id"), index=True)
    destination_address: Mapped[str] = mapped_column(String(200), default="")
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"), index=True)
    arrival_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    cargo: Mapped[str] = mapped_column(String(100), default="")

    # Its personal data is gone; state, places and times stay, to be counted.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    health_code: Mapped[HealthCode] = mapped_column(enum_column(HealthCode))
    high_risk_travel: Mapped[bool]
    symptoms: Mapped[bool]

    destination_town: Mapped[Town] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    passengers: Mapped[list[Passenger]] = relationship(
        order_by="Passenger.position", cascade="all, delete-orphan"
    )


class Passenger(Base):
    __tablename__ = "passenger"
    __table_args__ = (CheckConstraint("position BETWEEN 1 AND 5", name="position"),)

    reservation_id: Mapped[int] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    id_type: Mapped[IdType] = mapped_column(enum_column(IdType))
    id_number: Mapped[str] = mapped_column(EncryptedText("passenger.id_number"))
    id_number_hash: Mapped[str | bytes] = mapped_column(KeyedHash(ID_NUMBER), index=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("passenger.phone"))
    phone_hash: Mapped[str | bytes | None] = mapped_column(KeyedHash(PHONE))


def _whole() -> tuple[object, ...]:
    return (
        joinedload(Reservation.destination_town),
        joinedload(Reservation.checkpoint),
        selectinload(Reservation.passengers),
    )


def find_reservation(session: Session, scope: Scope, public_id: str) -> Reservation | None:
    query = (
        select(Reservation)
        .where(Reservation.public_id == public_id, visible(scope, Reservation))
        .options(*_whole())  # type: ignore[arg-type]
    )
    return session.scalar(query)


def find_reservation_by_id(
    session: Session, scope: Scope, reservation_id: int
) -> Reservation | None:
    query = (
        select(Reservation)
        .where(Reservation.id == reservation_id, visible(scope, Reservation))
        .options(*_whole())  # type: ignore[arg-type]
    )
    return session.scalar(query)


def find_submission(
    session: Session, scope: Scope, wechat_user_id: int, submission_key: str
) -> Reservation | None:
    query = select(Reservation).where(
        Reservation.wechat_user_id == wechat_user_id,
        Reservation.submission_key == submission_key,
        visible(scope, Reservation),
    )
    return session.scalar(query)


def list_reservations(
    session: Session, scope: Scope, *, limit: int, before_id: int | None = None
) -> Sequence[Reservation]:
    """Newest first; `before_id` continues a list after the last row seen."""
    query = (
        select(Reservation)
        .where(visible(scope, Reservation))
        .options(joinedload(Reservation.destination_town), joinedload(Reservation.checkpoint))
        .order_by(Reservation.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(Reservation.id < before_id)
    return session.scalars(query).all()


def count_reservations(
    session: Session, scope: Scope, *, created: tuple[datetime, datetime] | None = None
) -> int:
    """How many there are, of those made in [start, end) if `created` says so."""
    query = select(func.count()).select_from(Reservation).where(visible(scope, Reservation))
    if created is not None:
        start, end = created
        query = query.where(Reservation.created_at >= start, Reservation.created_at < end)
    return session.execute(query).scalar_one()


def move_reservation(
    session: Session, reservation_id: int, target: ReservationState, *, now: datetime
) -> bool:
    """Enter `target` from a state that may; False when the reservation has moved elsewhere."""
    query = (
        update(Reservation)
        .where(Reservation.id == reservation_id, Reservation.state.in_(states_before(target)))
        .values(state=target, state_changed_at=now)
    )
    return changed_rows(session, query) == 1


def expire_reservations(
    session: Session, *, ended_before: datetime, now: datetime, limit: int
) -> list[int]:
    """Move open reservations whose time is over to `expired`; their ids."""
    query = (
        select(Reservation.id)
        .where(Reservation.state.in_(OPEN_STATES), Reservation.expires_at <= ended_before)
        .order_by(Reservation.id)
        .limit(limit)
    )
    overdue = list(session.scalars(query))
    return [
        reservation_id
        for reservation_id in overdue
        if move_reservation(session, reservation_id, ReservationState.EXPIRED, now=now)
    ]
