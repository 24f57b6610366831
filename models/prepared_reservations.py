"""代预约: what a lead filled in for a driver, until the driver finishes it on their own phone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, EncryptedJson, UtcDateTime, enum_column, new_public_id
from models.employees import Employee
from models.enterprises import Lead
from models.reservations import Reservation


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
