"""代预约: what a lead fills in for a driver, and what of it the driver cannot change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.reservation_form import (
    DRIVER_FIELDS,
    FIELDS,
    HEALTH_FIELDS,
    PASSENGER_FIELDS,
    FormRules,
    ReservationRequest,
    known_fields,
    parse_form,
    passenger_field,
    passenger_numbers,
)

# A reservation that a driver made of a lead's form carries this in its submission key.
_KEY = "prepared-"
# The driver's own word; the lead cannot give it.
_UNDECLARED = {"health_code": "green", "high_risk_travel": "no", "symptoms": "no"}


@dataclass(frozen=True, slots=True)
class FixedPart:
    """Who drives and who rides along, as raw texts: filled in on the server, shown masked.

    Whoever holds the link may not be the driver, and must not read numbers from the form.
    """

    driver: Mapping[str, str]
    passengers: Sequence[Mapping[str, str]]


def submission_key_of(prepared_id: str) -> str:
    return _KEY + prepared_id


def prepared_id_of(submission_key: str) -> str | None:
    """The prepared form that a reservation was made of, if it was made of one."""
    return submission_key.removeprefix(_KEY) if submission_key.startswith(_KEY) else None


def check_prepared(raw: Mapping[str, str], rules: FormRules) -> ReservationRequest:
    """Check everything but the health declaration. Raises: InvalidForm."""
    return parse_form({**raw, **_UNDECLARED}, rules)


def kept_fields(raw: Mapping[str, str]) -> dict[str, str]:
    """What is stored of a lead's form: not who drives (the roster says it), nothing of health."""
    left_out = {*DRIVER_FIELDS, *HEALTH_FIELDS}
    return {name: text for name, text in known_fields(raw).items() if name not in left_out}


def open_fields(kept: Mapping[str, str]) -> dict[str, str]:
    """What of a form the driver may change."""
    return {name: kept[name] for name in FIELDS if name in kept and name not in DRIVER_FIELDS}


def passengers_in(raw: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """The passengers that a form names, blocks left wholly empty aside."""
    found = []
    for number in passenger_numbers(raw):
        texts = {name: raw.get(passenger_field(number, name), "") for name in PASSENGER_FIELDS}
        if any(texts[name].strip() for name in ("name", "id_number", "phone")):
            found.append(texts)
    return tuple(found)


def merge(raw: Mapping[str, str], fixed: FixedPart, riding: Collection[int]) -> dict[str, str]:
    """The whole form: the fixed part first, then what the driver typed.

    `riding` are the numbers of the fixed passengers who do ride along.
    """
    merged = {name: text for name, text in raw.items() if name in FIELDS}
    merged |= fixed.driver
    kept = [one for number, one in enumerate(fixed.passengers) if number in riding]
    own = [
        {name: raw.get(passenger_field(number, name), "") for name in PASSENGER_FIELDS}
        for number in passenger_numbers(raw)
    ]
    for number, passenger in enumerate([*kept, *own]):
        merged |= {passenger_field(number, name): text for name, text in passenger.items()}
    return merged


def as_typed(wrong: InvalidForm, raw: Mapping[str, str], *, fixed_count: int) -> InvalidForm:
    """The errors of a merged form under the names that the driver's page has."""
    numbers = passenger_numbers(raw)
    errors: dict[str, InvalidValue] = {}
    for name, error in wrong.errors.items():
        head, _, rest = name.partition("-")
        position, _, part = rest.partition("-")
        if head == "passengers" and int(position) >= fixed_count:
            name = passenger_field(numbers[int(position) - fixed_count], part)
        errors[name] = error
    return InvalidForm(errors)
