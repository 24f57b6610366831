"""Who acts: what the audit log writes down about the one behind a request or a job."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    ACCOUNT = "account"
    LEAD = "lead"
    DRIVER = "driver"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """`label` is an account's name or empty; `source` the address the request came from."""

    kind: ActorKind
    id: int | None
    role: str
    label: str
    source: str
    request_id: str


def system_actor(task: str, request_id: str = "") -> Actor:
    return Actor(ActorKind.SYSTEM, None, "system", task, "", request_id)
