"""Audit rows, written in the transaction of what they tell: both are there, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.audit import AuditEntry, add_entry
from models.database import Session
from wxbackend.domain.actors import Actor


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    about: tuple[str, object],
    now: datetime,
    succeeded: bool = True,
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """`about` is (kind, id) of the row acted on; `personal` goes to the erasable part."""
    kind, object_id = about
    entry = AuditEntry(
        at=now,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_label=actor.label,
        role=actor.role,
        action=action,
        object_kind=kind,
        object_id=str(object_id),
        succeeded=succeeded,
        source=actor.source,
        request_id=actor.request_id,
        details=dict(details or {}),
    )
    add_entry(session, entry, dict(personal) if personal else None)
