"""A checked form as rows: the reservation and its passengers."""

from __future__ import annotations

from models.database import Session
from models.reservations import Passenger, Reservation
from wxbackend.domain.reservation import IdentityAssurance
from wxbackend.domain.reservation_form import PassengerRequest, ReservationRequest
from wxbackend.services.dependencies import Dependencies


def write_request(
    session: Session,
    dependencies: Dependencies,
    reservation: Reservation,
    request: ReservationRequest,
) -> None:
    """Put the checked form into the row."""
    document = request.document
    reservation.name = request.name
    reservation.id_type = document.type
    reservation.id_number = reservation.id_number_hash = document.number
    reservation.id_number_tail_hash = document.number
    reservation.phone = reservation.phone_hash = reservation.phone_tail_hash = request.phone
    for name in _PLAIN_FIELDS:
        setattr(reservation, name, getattr(request, name))
    reservation.expires_at = (
        request.arrival_at + dependencies.policy.reservation.valid_after_arrival
    )
    reservation.identity = (
        IdentityAssurance.PENDING
        if document.can_be_checked_online
        else IdentityAssurance.NOT_CHECKABLE
    )
    if reservation.passengers:
        reservation.passengers = []
        session.flush()  # the old rows go before new ones take their positions
    reservation.passengers = [
        _passenger(position, passenger)
        for position, passenger in enumerate(request.passengers, start=1)
    ]


_PLAIN_FIELDS = (
    "plate_number",
    "vehicle_type",
    "trailer_plate",
    "enterprise_name",
    "origin",
    "via",
    "destination_town_id",
    "destination_address",
    "checkpoint_id",
    "arrival_at",
    "cargo",
    "health_code",
    "high_risk_travel",
    "symptoms",
)


def _passenger(position: int, request: PassengerRequest) -> Passenger:
    return Passenger(
        position=position,
        name=request.name,
        id_type=request.document.type,
        id_number=request.document.number,
        id_number_hash=request.document.number,
        phone=request.phone,
        phone_hash=request.phone,
    )
