"""The end of 代预约: the driver has done what only they can do."""

from __future__ import annotations

from datetime import datetime

from models.database import Session
from models.prepared_reservations import find_prepared_by_id, finish_prepared
from models.reservations import Reservation
from wxbackend.domain.actors import system_actor
from wxbackend.domain.prepared import prepared_id_of
from wxbackend.services.audit import record


def finish_prepared_form(session: Session, reservation: Reservation, *, now: datetime) -> None:
    """Tie the lead's form to the reservation that was made of it; the first one wins.

    Called where a reservation gets its pass code. A reservation of another person, or of none,
    finishes nothing.
    """
    public_id = prepared_id_of(reservation.submission_key)
    prepared = find_prepared_by_id(session, public_id) if public_id else None
    if prepared is None or prepared.employee.id_number != reservation.id_number:
        return
    if finish_prepared(session, prepared.id, reservation.id):
        record(
            session,
            system_actor("prepared_reservation"),
            "finish_prepared",
            about=("prepared_reservation", prepared.id),
            now=now,
            details={"reservation_id": reservation.id},
        )
