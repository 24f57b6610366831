"""Reservations as a lead looks them up: lists, and one in whole."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from handlers.api.reservation_shapes import Summary
from handlers.api.shapes import Answer, Moment, PublicId
from handlers.presentation import nucleic_label, vaccination_label
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.listing import Page
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ImageKind,
    ReservationState,
    VehicleType,
    Verdict,
)
from wxbackend.services.reservation_lookup import FoundReservation
from wxbackend.services.reservation_record import ReservationRecord, SeenAtGate


class Correction(Answer):
    """What the bureau said the passage should have been."""

    verdict: Verdict
    reason: str
    explanation: str
    created_at: Moment


class Found(Answer):
    """`is_prepared`: a lead filled it in."""

    summary: Summary
    correction: Correction | None
    is_prepared: bool


class FoundPage(Answer):
    """`total` stops counting at 10,000."""

    reservations: list[Found]
    total: int
    page_count: int


class Person(Answer):
    """`key` names the person where a number is asked for in clear, if `may_reveal`."""

    key: str
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    may_reveal: bool


class DeclaredShown(Answer):
    """As the driver filled it in."""

    created_at: Moment
    arrival_at: Moment
    vehicle_type: VehicleType | None
    trailer_plate: str
    enterprise_name: str
    origin: str
    via: str
    town: str
    destination_address: str
    checkpoint: str
    cargo: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    images: dict[ImageKind, str]


class PassageShown(Answer):
    verdict: Verdict
    reason: str
    decided_at: Moment
    checkpoint: str


class SeenShown(Answer):
    """What the deciding scan showed of the driver."""

    scanned_at: Moment
    enterprises: list[str]
    nucleic_acid: str
    tested_at: Moment | None
    vaccination: str


class Record(Answer):
    reservation_id: PublicId = Field(validation_alias="public_id")
    state: ReservationState
    plate_number: str
    identity: IdentityAssurance
    driver: Person
    passengers: list[Person]
    declared: DeclaredShown
    passage: PassageShown | None
    corrections: list[Correction]
    seen: SeenShown | None


def shown_found(found: Page[FoundReservation]) -> dict[str, Any]:
    return {"reservations": found.rows, "total": found.counted, "page_count": found.page_count}


def shown_record(one: ReservationRecord) -> dict[str, Any]:
    names = Record.model_fields.keys() - {"reservation_id", "seen"}
    seen = _seen(one.seen) if one.seen and one.passage else None
    return {
        "public_id": one.public_id,
        "seen": seen,
        **{name: getattr(one, name) for name in names},
    }


def _seen(seen: SeenAtGate) -> dict[str, Any]:
    driver = seen.findings.people[0]
    test = driver.nucleic_acid.test
    return {
        "scanned_at": seen.scanned_at,
        "enterprises": seen.enterprises,
        "nucleic_acid": nucleic_label(driver.nucleic_acid),
        "tested_at": test.tested_at if test else None,
        "vaccination": vaccination_label(driver.vaccination),
    }
