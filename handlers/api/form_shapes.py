"""The reservation form as the API takes and shows it; its fields are the page's, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from handlers.api.shapes import Answer, Asked, Text
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.reservation import HealthCode, ImageKind, VehicleType
from wxbackend.domain.reservation_form import (
    FIELDS,
    PASSENGER_FIELDS,
    passenger_field,
    passenger_numbers,
)
from wxbackend.services.draft_contents import FormContent

YesNo = Literal["yes", "no"]
Riding = Annotated[list[Annotated[int, Field(ge=0, le=20)]], Field(max_length=20)]
MOST_PASSENGERS = 20  # the office sets how many are allowed; more than this nobody's form has


class PassengerForm(Asked):
    name: Text
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Text
    phone: Text = ""


class TripForm(Asked):
    """What everybody who fills in a form says of truck and trip; places by their ids."""

    plate_number: Text
    vehicle_type: VehicleType | None = None
    trailer_plate: Text = ""
    enterprise_name: Text = ""
    origin: Text
    via: Text = ""
    destination_town: Text
    destination_address: Text = ""
    checkpoint: Text
    arrival_at: Annotated[Text, Field(description="YYYY-MM-DDTHH:MM, local time")]
    cargo: Text = ""
    passengers: Annotated[list[PassengerForm], Field(max_length=MOST_PASSENGERS)] = Field(
        default_factory=list
    )


class DeclaredForm(TripForm):
    """With the driver's own word about their health."""

    health_code: HealthCode
    high_risk_travel: YesNo
    symptoms: YesNo


class ReservationForm(DeclaredForm):
    """The whole form. Pictures are those of the draft."""

    name: Text
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Text
    phone: Text


class CorrectionForm(ReservationForm):
    """Of what a lead filled in, `riding` are the passengers who ride along, by their numbers.

    Where the draft has a `fixed` part, name and numbers are not asked: send them empty.
    """

    riding: Riding = Field(default_factory=list)


class PreparedForm(DeclaredForm):
    """What the driver adds to a lead's form: its passengers are further ones."""

    riding: Riding = Field(default_factory=list)


class DraftPassenger(Asked):
    """Whatever was typed so far."""

    name: Text = ""
    id_type: Text = ""
    id_number: Text = ""
    phone: Text = ""


class DraftForm(Asked):
    """Whatever was typed so far; nothing is checked yet."""

    name: Text = ""
    id_type: Text = ""
    id_number: Text = ""
    phone: Text = ""
    plate_number: Text = ""
    vehicle_type: Text = ""
    trailer_plate: Text = ""
    enterprise_name: Text = ""
    origin: Text = ""
    via: Text = ""
    destination_town: Text = ""
    destination_address: Text = ""
    checkpoint: Text = ""
    arrival_at: Text = ""
    cargo: Text = ""
    health_code: Text = ""
    high_risk_travel: Text = ""
    symptoms: Text = ""
    passengers: Annotated[list[DraftPassenger], Field(max_length=MOST_PASSENGERS)] = Field(
        default_factory=list
    )


class FixedPassengerShown(Answer):
    name: str
    id_type: IdType
    id_number_masked: str


class FixedShown(Answer):
    """Whom a lead filled the form in for; it cannot be changed."""

    enterprise: str
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    passengers: list[FixedPassengerShown]


class DraftShown(Answer):
    """`images` by kind: ids for `/driver/images/{image_id}`."""

    form: DraftForm
    images: dict[ImageKind, str]
    fixed: FixedShown | None


def raw_of(form: Asked) -> dict[str, str]:
    """The form as the pages send it: texts by field name."""
    content = form.model_dump(mode="json", exclude={"riding"})
    passengers = content.pop("passengers", [])
    raw = {name: value or "" for name, value in content.items()}
    for number, passenger in enumerate(passengers):
        raw |= {passenger_field(number, name): text for name, text in passenger.items()}
    return raw


def shown_draft(content: FormContent) -> dict[str, Any]:
    return {
        "form": draft_of(content.fields),
        "images": dict(content.images),
        "fixed": content.fixed,
    }


def draft_of(raw: Mapping[str, str]) -> DraftForm:
    """The texts of a page's form in the shape of the API's."""
    passengers = [
        {name: raw.get(passenger_field(number, name), "") for name in PASSENGER_FIELDS}
        for number in passenger_numbers(raw)[:MOST_PASSENGERS]
    ]
    fields = {name: raw.get(name, "") for name in FIELDS}
    return DraftForm.model_validate({"passengers": passengers, **fields})
