"""代预约: what a lead filled in for a driver, until the driver finishes it on their own phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Select, String, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.base import (
    Base,
    EncryptedJson,
    UtcDateTime,
    changed_rows,
    enum_column,
    new_public_id,
)
from models.employees import Employee
from models.enterprises import Lead
from models.listing import count_up_to
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.scope import Scope


class PreparedState(StrEnum):
    WAITING = "waiting"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"


class PreparedReservation(Base):
    """`token_hash` is the hash of what the driver's link carries; the form is the draft's form."""

    __tablename__ = "prepared_reservation"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"))
    state: Mapped[PreparedState] = mapped_column(enum_column(PreparedState))
    form: Mapped[Any] = mapped_column(EncryptedJson("prepared_reservation.form"), nullable=True)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    employee: Mapped[Employee] = relationship()
    lead: Mapped[Lead] = relationship()
    reservation: Mapped[Reservation | None] = relationship()


def add_prepared(session: Session, row: PreparedReservation) -> PreparedReservation:
    session.add(row)
    session.flush()
    return row


def find_prepared(
    session: Session, scope: Scope, public_id: str, *, is_to_change: bool = False
) -> PreparedReservation | None:
    query = _whole().where(
        PreparedReservation.public_id == public_id, visible(scope, PreparedReservation)
    )
    query = query.with_for_update(of=PreparedReservation) if is_to_change else query
    return session.scalar(query)


def find_prepared_by_token(session: Session, token_hash: bytes) -> PreparedReservation | None:
    """The form whose link is held; holding it is the right to open it."""
    return session.scalar(_whole().where(PreparedReservation.token_hash == token_hash))


def find_newest_prepared(
    session: Session, scope: Scope, employee_id: int, *, since: datetime
) -> PreparedReservation | None:
    """The last form for this employee that still waits and was made since then."""
    query = (
        _whole()
        .where(
            PreparedReservation.employee_id == employee_id,
            PreparedReservation.state == PreparedState.WAITING,
            PreparedReservation.created_at >= since,
            visible(scope, PreparedReservation),
        )
        .order_by(PreparedReservation.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def list_prepared(
    session: Session, scope: Scope, request: PageRequest
) -> tuple[Sequence[PreparedReservation], int]:
    """One page, newest first, and how many there are."""
    query = _whole().where(visible(scope, PreparedReservation))
    total = count_up_to(session, query)
    page = query.order_by(PreparedReservation.id.desc())
    return session.scalars(page.limit(request.size).offset(request.offset)).all(), total


def finish_prepared(session: Session, prepared_id: int, reservation_id: int) -> bool:
    """The first who finishes wins: False when the form was finished or withdrawn before.

    What the lead typed is no longer needed: the reservation says it.
    """
    query = (
        update(PreparedReservation)
        .where(
            PreparedReservation.id == prepared_id,
            PreparedReservation.state == PreparedState.WAITING,
        )
        .values(state=PreparedState.FINISHED, reservation_id=reservation_id, form=None)
    )
    return changed_rows(session, query) == 1


def withdraw_prepared(session: Session, prepared_id: int) -> bool:
    query = (
        update(PreparedReservation)
        .where(
            PreparedReservation.id == prepared_id,
            PreparedReservation.state == PreparedState.WAITING,
        )
        .values(state=PreparedState.WITHDRAWN, form=None)
    )
    return changed_rows(session, query) == 1


def erase_expired_forms(session: Session, *, now: datetime) -> int:
    """Nobody can open an expired form any more: what was typed goes."""
    query = (
        update(PreparedReservation)
        .where(PreparedReservation.expires_at <= now, PreparedReservation.form.is_not(None))
        .values(form=None)
    )
    return changed_rows(session, query)


def _whole() -> Select[PreparedReservation]:
    return select(PreparedReservation).options(
        joinedload(PreparedReservation.employee).joinedload(Employee.enterprise),
        joinedload(PreparedReservation.reservation),
    )


def find_prepared_by_id(session: Session, public_id: str) -> PreparedReservation | None:
    """The form that a driver's draft or reservation was made of."""
    return session.scalar(_whole().where(PreparedReservation.public_id == public_id))
