"""What was changed of an enterprise: written down the same way by pages and by imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.database import Session
from models.enterprises import Enterprise
from wxbackend.domain.actors import Actor
from wxbackend.services.audit import record

# What the history of an enterprise shows; looks at it are in the audit log alone.
HISTORY_ACTIONS = (
    "create_enterprise",
    "edit_enterprise",
    "move_enterprise",
    "disable_enterprise",
    "enable_enterprise",
    "add_lead",
    "remove_lead",
    "set_main_lead",
    "rename_lead",
    "change_lead_phone",
    "change_main_lead",
)

# The one free text that may speak of people: its values stand in the erasable part.
_PERSONAL = "remark"


def changed_values(row: Enterprise, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """[before, after] of every column that these values change; None leaves a column alone."""
    return {
        name: [getattr(row, name), value]
        for name, value in values.items()
        if value is not None and getattr(row, name) != value
    }


def write_down(
    session: Session,
    actor: Actor,
    action: str,
    enterprise: Enterprise,
    *,
    now: datetime,
    changed: Mapping[str, list[Any]] | None = None,
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """One audit row about the enterprise; `changed` comes from `changed_values`."""
    found = dict(changed or {})
    private = {_PERSONAL: found[_PERSONAL]} if _PERSONAL in found else {}
    shown = {name: [] if name in private else pair for name, pair in found.items()}
    record(
        session,
        actor,
        action,
        about=("enterprise", enterprise.id),
        now=now,
        details={**({"changed": shown} if shown else {}), **(details or {})},
        personal={**private, **(personal or {})},
    )
