"""What every shape of the API shares: strict, closed, and read from what the services answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from wxbackend.domain.moments import to_local

PUBLIC_ID = r"^[a-z2-7]{26}$"


class Asked(BaseModel):
    """What a program sends: no field is guessed, none is taken that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """What a program gets; the fields are the services' own names where they have one."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


def _local(moment: datetime) -> str:
    return to_local(moment).isoformat(timespec="seconds")


Moment = Annotated[
    datetime,
    PlainSerializer(_local),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A moment in the district's time, with its offset."""

Text = Annotated[str, Field(max_length=400)]
"""As long as anything a form holds."""

Number = Annotated[str, BeforeValidator(str)]
"""A number that stands for a place: given as text, as forms send it back."""

PublicId = Annotated[str, Field(pattern=PUBLIC_ID)]


class Problem(BaseModel):
    """RFC 9457. `code` is stable, `detail` is for people, `errors` has a sentence per field."""

    type: str
    title: str
    detail: str
    status: int
    code: str
    errors: dict[str, str] = Field(default_factory=dict)
