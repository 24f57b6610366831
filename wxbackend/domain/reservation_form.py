"""A driver's form: raw texts in, a checked request out, every wrong field named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.form_checks import (
    FormChecks,
    choice_of,
    id_among,
    parse_name,
    text_up_to,
    yes_or_no,
)
from wxbackend.domain.identity_documents import IdentityDocument
from wxbackend.domain.moments import parse_local_minute
from wxbackend.domain.phones import parse_mobile
from wxbackend.domain.plates import parse_plate, parse_trailer_plate
from wxbackend.domain.reservation import HealthCode, VehicleType

DRIVER_FIELDS = ("name", "id_type", "id_number", "phone")
VEHICLE_FIELDS = ("plate_number", "vehicle_type", "trailer_plate", "enterprise_name")
TRIP_FIELDS = (
    "origin",
    "via",
    "destination_town",
    "destination_address",
    "checkpoint",
    "arrival_at",
    "cargo",
)
HEALTH_FIELDS = ("health_code", "high_risk_travel", "symptoms")
PASSENGER_FIELDS = ("name", "id_type", "id_number", "phone")
FIELDS = DRIVER_FIELDS + VEHICLE_FIELDS + TRIP_FIELDS + HEALTH_FIELDS

# A driver whose clock or patience is a little off may still reserve for “now”.
_LATE_BY = timedelta(minutes=5)
_LONGEST_RAW = 400


@dataclass(frozen=True, slots=True)
class PassengerRequest:
    name: str
    document: IdentityDocument
    phone: str | None


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    """A form that passed every check; texts are in stored form, the moment is UTC."""

    name: str
    document: IdentityDocument
    phone: str
    plate_number: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    enterprise_name: str
    origin: str
    via: str
    destination_town_id: int
    destination_address: str
    checkpoint_id: int
    arrival_at: datetime
    cargo: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    passengers: tuple[PassengerRequest, ...]


@dataclass(frozen=True, slots=True)
class FormRules:
    """What the checks need to know: the moment, the limits, and the ids that may be chosen."""

    now: datetime
    bookable_ahead: timedelta
    most_passengers: int
    town_ids: frozenset[int]
    checkpoint_ids: frozenset[int]


def passenger_field(number: int, name: str) -> str:
    """`passengers-0-name`: the field of passenger `number`, counted from 0."""
    return f"passengers-{number}-{name}"


def passenger_numbers(raw: Mapping[str, str]) -> list[int]:
    """The numbers of the passengers that the form carries, blank ones included, in order."""
    found = set()
    for key in raw:
        head, _, rest = key.partition("-")
        number, _, name = rest.partition("-")
        if head == "passengers" and number.isdecimal() and name in PASSENGER_FIELDS:
            found.add(int(number))
    return sorted(found)


def known_fields(raw: Mapping[str, str]) -> dict[str, str]:
    """Only the form's own fields, cut to a length that nobody types: what a draft keeps."""
    numbers = passenger_numbers(raw)[:20]
    names = [*FIELDS, *(passenger_field(n, name) for n in numbers for name in PASSENGER_FIELDS)]
    return {name: raw[name][:_LONGEST_RAW] for name in names if name in raw}


def parse_form(raw: Mapping[str, str], rules: FormRules) -> ReservationRequest:
    """The checked request.

    Raises: InvalidForm with an error for every wrong field.
    """
    check = FormChecks(raw)
    arrival_at = check.field("arrival_at", lambda text: _parse_arrival(text, rules))
    request = ReservationRequest(
        name=check.field("name", parse_name),
        document=check.document("id_type", "id_number", on=rules.now),
        phone=check.field("phone", parse_mobile),
        plate_number=check.field("plate_number", parse_plate),
        vehicle_type=check.optional("vehicle_type", choice_of(VehicleType)),
        trailer_plate=check.optional("trailer_plate", parse_trailer_plate) or "",
        enterprise_name=check.optional("enterprise_name", text_up_to(100)) or "",
        origin=check.field("origin", text_up_to(100)),
        via=check.optional("via", text_up_to(100)) or "",
        destination_town_id=check.field("destination_town", id_among(rules.town_ids)),
        destination_address=check.optional("destination_address", text_up_to(200)) or "",
        checkpoint_id=check.field("checkpoint", id_among(rules.checkpoint_ids)),
        arrival_at=arrival_at,
        cargo=check.optional("cargo", text_up_to(100)) or "",
        health_code=check.field("health_code", choice_of(HealthCode)),
        high_risk_travel=check.field("high_risk_travel", yes_or_no),
        symptoms=check.field("symptoms", yes_or_no),
        passengers=_passengers(check, rules),
    )
    check.finish()
    return request


def check_arrival(arrival_at: datetime, *, now: datetime, bookable_ahead: timedelta) -> None:
    """Raises: InvalidValue when the moment is past or too far ahead."""
    if arrival_at < now - _LATE_BY:
        raise InvalidValue("arrival_at.past")
    if arrival_at > now + bookable_ahead:
        raise InvalidValue("arrival_at.too_far", days=bookable_ahead.days)


def _parse_arrival(text: str, rules: FormRules) -> datetime:
    arrival_at = parse_local_minute(text)
    check_arrival(arrival_at, now=rules.now, bookable_ahead=rules.bookable_ahead)
    return arrival_at


def _passengers(check: FormChecks, rules: FormRules) -> tuple[PassengerRequest, ...]:
    """The passengers; a block that was left wholly empty is no passenger."""
    passengers: list[PassengerRequest] = []
    numbers_seen = {check.raw.get("id_number", "").strip().upper()}
    for number in passenger_numbers(check.raw):
        names = {name: passenger_field(number, name) for name in PASSENGER_FIELDS}
        if not any(check.raw.get(names[n], "").strip() for n in ("name", "id_number", "phone")):
            continue
        if len(passengers) == rules.most_passengers:
            check.errors[names["name"]] = InvalidValue(
                "passengers.too_many", most=rules.most_passengers
            )
            break
        passenger = PassengerRequest(
            name=check.field(names["name"], parse_name),
            document=check.document(names["id_type"], names["id_number"], on=rules.now),
            phone=check.optional(names["phone"], parse_mobile),
        )
        if names["id_number"] not in check.errors and passenger.document.number in numbers_seen:
            check.errors[names["id_number"]] = InvalidValue("id_number.twice")
        elif passenger.document is not None:
            numbers_seen.add(passenger.document.number)
        passengers.append(passenger)
    return tuple(passengers)
