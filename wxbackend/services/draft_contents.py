"""What a form starts from: a draft, a reservation, or what is known of the driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.database import Session
from models.drafts import Draft, list_reservation_images
from models.prepared_reservations import find_prepared_by_id
from models.reservations import Reservation, list_reservations
from wxbackend.domain.moments import to_local
from wxbackend.domain.prepared import prepared_id_of
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.reservation_form import DRIVER_FIELDS, passenger_field
from wxbackend.domain.scope import DriverScope
from wxbackend.services.fixed_parts import (
    FixedView,
    fixed_of_prepared,
    fixed_of_reservation,
    is_unproved,
    view_of_fixed,
)

# What a driver types once: taken from the last reservation into the next form.
_REMEMBERED = (
    "name",
    "id_type",
    "id_number",
    "phone",
    "plate_number",
    "vehicle_type",
    "trailer_plate",
    "enterprise_name",
)
# 再次预约 takes the trip and the passengers too; when and how healthy must be said anew.
REPEATED = (
    *_REMEMBERED,
    "origin",
    "via",
    "destination_town",
    "destination_address",
    "checkpoint",
    "cargo",
)


@dataclass(frozen=True, slots=True)
class FormContent:
    """A form as it stands: raw texts by field name, and picture ids by kind.

    `fixed` is what a lead filled in and the driver cannot change.
    """

    fields: Mapping[str, str]
    images: Mapping[ImageKind, str] = field(default_factory=dict)
    fixed: FixedView | None = None


def content_of(draft: Draft) -> FormContent:
    images = draft.fields.get("images", {})
    return FormContent(
        fields=draft.fields.get("fields", {}),
        images={kind: images[kind.value] for kind in ImageKind if kind.value in images},
    )


def as_stored(images: Mapping[ImageKind, str]) -> dict[str, str]:
    return {kind.value: public_id for kind, public_id in images.items()}


def fixed_of_form(
    session: Session, reservation: Reservation | None, subject: str
) -> FixedView | None:
    """The fixed part of a draft of a lead's form, or of the reservation made of one."""
    if reservation is None:
        prepared = find_prepared_by_id(session, subject)
        fixed = fixed_of_prepared(prepared) if prepared else None
    elif is_unproved(reservation):
        prepared = find_prepared_by_id(session, prepared_id_of(reservation.submission_key) or "")
        fixed = fixed_of_reservation(reservation)
    else:
        return None
    if fixed is None or prepared is None:
        return None
    return view_of_fixed(fixed, enterprise=prepared.employee.enterprise.name)


def remembered(session: Session, scope: DriverScope) -> FormContent:
    last = next(iter(list_reservations(session, scope, limit=1)), None)
    if last is None:
        return FormContent({})
    texts = _texts_of(last)
    return FormContent({name: texts[name] for name in _own(last, _REMEMBERED) if texts[name]})


def _own(reservation: Reservation, names: Sequence[str]) -> list[str]:
    """Without who drives, where a lead said so and nobody has proved to be that person."""
    left_out = DRIVER_FIELDS if is_unproved(reservation) else ()
    return [name for name in names if name not in left_out]


def content_of_reservation(
    session: Session, reservation: Reservation, names: tuple[str, ...]
) -> FormContent:
    texts = _texts_of(reservation)
    fields = {name: texts[name] for name in _own(reservation, names) if texts[name]}
    passengers = [] if is_unproved(reservation) else reservation.passengers
    for number, passenger in enumerate(passengers):
        fields[passenger_field(number, "name")] = passenger.name
        fields[passenger_field(number, "id_type")] = passenger.id_type.value
        fields[passenger_field(number, "id_number")] = passenger.id_number
        fields[passenger_field(number, "phone")] = passenger.phone or ""
    images = list_reservation_images(session, reservation.id)
    return FormContent(fields, {kind: image.public_id for kind, image in images.items()})


def _texts_of(reservation: Reservation) -> dict[str, str]:
    """A stored reservation as the form's raw texts."""
    return {
        "name": reservation.name,
        "id_type": reservation.id_type.value,
        "id_number": reservation.id_number,
        "phone": reservation.phone,
        "plate_number": reservation.plate_number,
        "vehicle_type": reservation.vehicle_type.value if reservation.vehicle_type else "",
        "trailer_plate": reservation.trailer_plate,
        "enterprise_name": reservation.enterprise_name,
        "origin": reservation.origin,
        "via": reservation.via,
        "destination_town": str(reservation.destination_town_id),
        "destination_address": reservation.destination_address,
        "checkpoint": str(reservation.checkpoint_id),
        "arrival_at": to_local(reservation.arrival_at).strftime("%Y-%m-%dT%H:%M"),
        "cargo": reservation.cargo,
        "health_code": reservation.health_code.value,
        "high_risk_travel": "yes" if reservation.high_risk_travel else "no",
        "symptoms": "yes" if reservation.symptoms else "no",
    }
