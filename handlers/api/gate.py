"""The checkpoint outside a scan: the shift, the reasons, today's passages."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from pydantic import Field

from handlers.api.gate_shapes import DenialReasons
from handlers.api.guards import checkpoint_staff
from handlers.api.operations import operation
from handlers.api.shapes import Answer, Asked, Moment
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services import shifts
from wxbackend.services.gate_views import PassageDay, denial_reasons, passages_of_day

blueprint = guarded(Blueprint("api_gate", __name__, url_prefix="/api/v1/gate"), checkpoint_staff)


class OpenShift(Answer):
    started_at: Moment
    ends_at: Moment


class Shift(Answer):
    """`shift` is null while none is open."""

    checkpoint: str
    shift: OpenShift | None


class PassageShown(Answer):
    plate_number: str
    driver_name: str
    verdict: Verdict
    reason: str
    decided_at: Moment
    staff: str


class PassagesToday(Answer):
    """`next_before` asks for the next page; null on the last one."""

    counts: dict[Verdict, int]
    passages: list[PassageShown] = Field(validation_alias="rows")
    next_before: int | None


class DayQuery(Asked):
    before: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 50


@blueprint.get("/shift")
@operation("The shift that is open", gives=Shift)
def shift() -> dict[str, object]:
    member = member_of(Role.CHECKPOINT)
    return {
        "checkpoint": member.place,
        "shift": shifts.current_shift(dependencies(), member),
    }


@blueprint.post("/shift")
@operation("Begin a shift", gives=Shift, is_once=True)
def start_shift() -> dict[str, object]:
    """One that is open stays as it is."""
    member = member_of(Role.CHECKPOINT)
    shifts.start_shift(dependencies(), member, actor=actor(member))
    return {
        "checkpoint": member.place,
        "shift": shifts.current_shift(dependencies(), member),
    }


@blueprint.delete("/shift")
@operation("End the shift", is_once=True)
def end_shift() -> None:
    member = member_of(Role.CHECKPOINT)
    shifts.end_shift(dependencies(), member, actor=actor(member))


@blueprint.get("/denial-reasons")
@operation("The reasons for a denial", gives=DenialReasons)
def reasons() -> dict[str, object]:
    return {"reasons": [{"id": number, "words": words} for number, words in denial_reasons()]}


@blueprint.get("/passages")
@operation("Today's passages of the own checkpoint", query=DayQuery, gives=PassagesToday)
def passages(query: DayQuery) -> PassageDay:
    """Newest first."""
    member = member_of(Role.CHECKPOINT)
    return passages_of_day(dependencies(), member, limit=query.limit, before_id=query.before)
