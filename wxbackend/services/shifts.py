"""Shifts: 【开始值班】 opens one, and only during one may staff look and decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.database import reading, transaction
from models.shifts import Shift, end_shifts, find_open_shift
from wxbackend.domain.actors import Actor
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import Member


@dataclass(frozen=True, slots=True)
class OpenShift:
    id: int
    started_at: datetime
    ends_at: datetime


def current_shift(dependencies: Dependencies, member: Member) -> OpenShift | None:
    """The shift that is open at the member's checkpoint; one of another checkpoint is none."""
    with reading() as session:
        shift = find_open_shift(session, _account_id(member), now=dependencies.clock())
        if shift is None or shift.checkpoint_id != member.checkpoint_id:
            return None
        return OpenShift(shift.id, shift.started_at, shift.ends_at)


def start_shift(dependencies: Dependencies, member: Member, *, actor: Actor) -> None:
    """Open a shift; one that is open already stays as it is."""
    now, account_id = dependencies.clock(), _account_id(member)
    with transaction() as session:
        open_shift = find_open_shift(session, account_id, now=now)
        if open_shift is not None and open_shift.checkpoint_id == member.checkpoint_id:
            return
        end_shifts(session, account_id, now=now)
        shift = Shift(
            account_id=account_id,
            checkpoint_id=member.checkpoint_id,
            started_at=now,
            ends_at=now + dependencies.policy.gate.shift,
        )
        session.add(shift)
        session.flush()
        record(session, actor, "start_shift", about=("shift", shift.id), now=now)


def end_shift(dependencies: Dependencies, member: Member, *, actor: Actor) -> None:
    now, account_id = dependencies.clock(), _account_id(member)
    with transaction() as session:
        if end_shifts(session, account_id, now=now):
            record(session, actor, "end_shift", about=("account", account_id), now=now)


def _account_id(member: Member) -> int:
    if member.account_id is None:
        raise LookupError("a shift belongs to an account")
    return member.account_id
