"""What a form may name: towns, checkpoints, and the limits that the office set."""

from __future__ import annotations

from flask import Blueprint

from handlers.api.guards import token_holders
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Number
from handlers.context import dependencies
from handlers.guards import guarded
from wxbackend.services import reservations

blueprint = guarded(Blueprint("api_places", __name__, url_prefix="/api/v1"), token_holders)


class Place(Answer):
    id: Number
    name: str


class FormOptions(Answer):
    towns: list[Place]
    checkpoints: list[Place]
    most_passengers: int
    days_ahead: int


@blueprint.get("/form-options")
@operation("What a reservation form may choose from", gives=FormOptions)
def options() -> dict[str, object]:
    towns, checkpoints = reservations.places()
    policy = dependencies().policy.reservation
    return {
        "towns": towns,
        "checkpoints": checkpoints,
        "most_passengers": policy.most_passengers,
        "days_ahead": policy.bookable_ahead.days,
    }
