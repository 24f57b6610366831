"""Reservations as the API shows them to their owners and to leads."""

from __future__ import annotations

from pydantic import Field

from handlers.api.shapes import Answer, Moment, Number, PublicId
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ImageKind,
    ReservationState,
    VehicleType,
    Verdict,
)


class Passage(Answer):
    """The decision at the gate; `reason` of a denial."""

    verdict: Verdict
    reason: str
    decided_at: Moment
    checkpoint: str


class Summary(Answer):
    reservation_id: PublicId = Field(validation_alias="public_id")
    state: ReservationState
    plate_number: str
    name: str
    arrival_at: Moment
    checkpoint: str
    town: str
    passage: Passage | None


class ReservationPage(Answer):
    """`next_before` asks for the next page; null on the last one."""

    reservations: list[Summary] = Field(validation_alias="rows")
    count: int
    next_before: int | None


class Submission(Answer):
    reservation_id: PublicId = Field(validation_alias="public_id")
    needs_identity_check: bool


class PassengerShown(Answer):
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str


class PassCode(Answer):
    """`link` is what the QR code carries; `short_code` is for typing."""

    link: str
    short_code: str
    expires_at: Moment


class Reservation(Answer):
    """Numbers are masked; `pass_code` as long as it can be used."""

    summary: Summary
    created_at: Moment
    expires_at: Moment
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    enterprise_name: str
    origin: str
    via: str
    destination_address: str
    checkpoint_id: Number
    cargo: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    identity: IdentityAssurance
    check_is_running: bool
    passengers: list[PassengerShown]
    images: dict[ImageKind, str]
    pass_code: PassCode | None = Field(validation_alias="shown_pass")
