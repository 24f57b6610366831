"""The part of a form that its driver cannot change: whom a lead filled it in for."""

from __future__ import annotations

from dataclasses import dataclass

from models.prepared_reservations import PreparedReservation
from models.reservations import Reservation
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.prepared import FixedPart, passengers_in, prepared_id_of
from wxbackend.domain.reservation import IdentityAssurance


@dataclass(frozen=True, slots=True)
class FixedPassenger:
    name: str
    id_type: IdType
    id_number_masked: str


@dataclass(frozen=True, slots=True)
class FixedView:
    """A fixed part as the driver's page shows it: no number in clear."""

    enterprise: str
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    passengers: tuple[FixedPassenger, ...]


def is_unproved(reservation: Reservation) -> bool:
    """Made of a lead's form, and 微警 has not said that its owner is who the lead meant."""
    is_prepared = prepared_id_of(reservation.submission_key) is not None
    return is_prepared and reservation.identity is not IdentityAssurance.CHECKED


def fixed_of_prepared(prepared: PreparedReservation) -> FixedPart:
    """The driver as the roster knows them now, and the lead's passengers."""
    employee = prepared.employee
    return FixedPart(
        driver={
            "name": employee.name,
            "id_type": employee.id_type.value,
            "id_number": employee.id_number,
            "phone": employee.phone,
        },
        passengers=passengers_in(prepared.form or {}),
    )


def fixed_of_reservation(reservation: Reservation) -> FixedPart:
    """For a correction before 微警 has passed: nothing of anybody's numbers may change hands."""
    return FixedPart(
        driver={
            "name": reservation.name,
            "id_type": reservation.id_type.value,
            "id_number": reservation.id_number,
            "phone": reservation.phone,
        },
        passengers=tuple(
            {
                "name": one.name,
                "id_type": one.id_type.value,
                "id_number": one.id_number,
                "phone": one.phone or "",
            }
            for one in reservation.passengers
        ),
    )


def view_of_fixed(fixed: FixedPart, *, enterprise: str) -> FixedView:
    return FixedView(
        enterprise=enterprise,
        name=fixed.driver["name"],
        id_type=IdType(fixed.driver["id_type"]),
        id_number_masked=mask_id_number(fixed.driver["id_number"]),
        phone_masked=mask_phone(fixed.driver["phone"]),
        passengers=tuple(
            FixedPassenger(
                one["name"], IdType(one["id_type"]), mask_id_number(clean_code(one["id_number"]))
            )
            for one in fixed.passengers
        ),
    )
