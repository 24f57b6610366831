"""The short lists of a district: towns, checkpoints, denial reasons, alert recipients."""

from __future__ import annotations

from collections.abc import Sequence

from models.database import Session, transaction
from models.enterprises import AlertRecipient, Audience, find_recipient
from models.places import (
    Checkpoint,
    DenialReason,
    Town,
    find_checkpoint_by_name,
    find_reason,
    find_town_by_name,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.alert_recipients import parse_recipient
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


def add_towns(dependencies: Dependencies, names: Sequence[str], *, actor: Actor) -> int:
    """Add the towns that are not there yet, in this order; how many were added."""
    with transaction() as session:
        new = [name for name in names if find_town_by_name(session, name) is None]
        for position, name in enumerate(names):
            if name in new:
                session.add(Town(name=name, position=position))
        _note(session, dependencies, actor, "add_towns", new)
    return len(new)


def add_checkpoints(dependencies: Dependencies, names: Sequence[str], *, actor: Actor) -> int:
    with transaction() as session:
        new = [name for name in names if find_checkpoint_by_name(session, name) is None]
        for position, name in enumerate(names):
            if name in new:
                session.add(Checkpoint(name=name, position=position))
        _note(session, dependencies, actor, "add_checkpoints", new)
    return len(new)


def add_denial_reasons(dependencies: Dependencies, wordings: Sequence[str], *, actor: Actor) -> int:
    with transaction() as session:
        new = [wording for wording in wordings if find_reason(session, wording) is None]
        for position, wording in enumerate(wordings):
            if wording in new:
                session.add(DenialReason(wording=wording, position=position))
        _note(session, dependencies, actor, "add_denial_reasons", new)
    return len(new)


def add_recipient(
    dependencies: Dependencies,
    *,
    audience: Audience,
    town: str,
    name: str,
    member_id: str,
    actor: Actor,
) -> bool:
    """Tell this 粤政易 member of the audience's passages; False when they are told already.

    Raises: InvalidForm.
    """
    form = parse_recipient({"name": name, "member_id": member_id})
    now = dependencies.clock()
    with transaction() as session:
        town_id = _town_id(session, audience, town)
        if find_recipient(session, audience, town_id, form.member_id) is not None:
            return False
        recipient = AlertRecipient(
            audience=audience,
            town_id=town_id,
            name=form.name,
            member_id=form.member_id,
            member_hash=form.member_id.lower(),
            created_at=now,
        )
        session.add(recipient)
        session.flush()
        record(
            session,
            actor,
            "add_alert_recipient",
            about=("alert_recipient", recipient.id),
            now=now,
            details={"audience": audience.value, "town": town_id},
        )
    return True


def _town_id(session: Session, audience: Audience, town: str) -> int | None:
    if audience is not Audience.TOWN:
        return None
    found = find_town_by_name(session, town)
    if found is None:
        raise InvalidForm({"town": InvalidValue("choice.unknown")})
    return found.id


def _note(
    session: Session, dependencies: Dependencies, actor: Actor, action: str, new: Sequence[str]
) -> None:
    if new:
        about = ("setting", action)
        record(
            session, actor, action, about=about, now=dependencies.clock(), details={"names": new}
        )
