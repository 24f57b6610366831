"""What a person decides about notifications: send again, call delivered, leave alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from models.database import Session, transaction
from models.notification_lists import (
    dismiss_notification,
    find_notifications,
    move_notification,
)
from models.notifications import Notification, NotificationStep, add_step
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.errors import Conflict, NotFound
from wxbackend.domain.notifications import (
    MOVES,
    NEEDS_A_PERSON,
    NotificationKind,
    NotificationState,
    StepKind,
    send_again_until,
)
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies

MOST_AT_ONCE = 100
_S = NotificationState
# From these a person may have it queued again; from `sending` only the outbox does.
SENT_AGAIN_FROM = frozenset(
    state for state, moves in MOVES.items() if _S.QUEUED in moves and state is not _S.SENDING
)


class NotificationMovedOn(Conflict):
    code = "notification_moved_on"


class NotificationTooOld(Conflict):
    code = "notification_too_old"


@dataclass(frozen=True, slots=True)
class Settled:
    """How many were changed, and how many had moved on or may not be changed so."""

    done: int
    left: int


def send_again(
    dependencies: Dependencies, scope: Scope, public_ids: Collection[str], *, actor: Actor
) -> Settled:
    """Queue the failed ones of these anew; others stay as they are."""
    now, done = dependencies.clock(), 0
    wanted = set(list(public_ids)[:MOST_AT_ONCE])
    with transaction() as session:
        for row in find_notifications(session, scope, wanted):
            if row.state is _S.FAILED and is_useful(row, now=now):
                done += _queue_again(session, dependencies, row, actor=actor, now=now)
    return Settled(done, len(wanted) - done)


def send_one_again(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    *,
    seen: NotificationState,
    actor: Actor,
) -> None:
    """Queue it anew from the state that the person saw; of unknown outcome it may arrive twice.

    Raises: NotFound, NotificationTooOld, NotificationMovedOn.
    """
    now = dependencies.clock()
    with transaction() as session:
        row = _get(session, scope, public_id)
        if row.state is not seen or seen not in SENT_AGAIN_FROM:
            raise NotificationMovedOn
        if not is_useful(row, now=now):
            raise NotificationTooOld
        if not _queue_again(session, dependencies, row, actor=actor, now=now):
            raise NotificationMovedOn


def confirm_delivered(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> None:
    """A person found out that it arrived. Raises: NotFound, NotificationMovedOn."""
    now = dependencies.clock()
    with transaction() as session:
        row = _get(session, scope, public_id)
        before = row.state
        values = {"state": _S.DELIVERED, "settled_at": now}
        if before is not _S.UNKNOWN or not move_notification(
            session, row.id, state=before, values=values
        ):
            raise NotificationMovedOn
        _note(session, row, StepKind.CONFIRMED, before, _S.DELIVERED, actor=actor, now=now)


def dismiss(
    dependencies: Dependencies, scope: Scope, public_ids: Collection[str], *, actor: Actor
) -> Settled:
    """Nothing more is to be done about these failures: they no longer wait for anybody."""
    now, done = dependencies.clock(), 0
    wanted = set(list(public_ids)[:MOST_AT_ONCE])
    with transaction() as session:
        for row in find_notifications(session, scope, wanted):
            state = row.state
            if state in NEEDS_A_PERSON and dismiss_notification(
                session, row.id, state=state, now=now
            ):
                _note(session, row, StepKind.DISMISSED, state, state, actor=actor, now=now)
                done += 1
    return Settled(done, len(wanted) - done)


def _get(session: Session, scope: Scope, public_id: str) -> Notification:
    found = find_notifications(session, scope, [public_id])
    if not found:
        raise NotFound
    return found[0]


def is_useful(row: Notification, *, now: datetime) -> bool:
    """Not too old, not erased, and not merged into another notice that is sent instead."""
    if not row.address or row.merged_into_id is not None:
        return False
    until = send_again_until(row.kind, created_at=row.created_at, not_after=row.not_after)
    return until is not None and now < until


def _queue_again(
    session: Session,
    dependencies: Dependencies,
    row: Notification,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """All tries anew, and time for them; False when somebody else was faster."""
    before, not_after = row.state, row.not_after
    if row.kind is not NotificationKind.RESERVATION_PREPARED:
        not_after = max(not_after, now + dependencies.policy.notifications.alert_valid_for)
    values = {
        "state": _S.QUEUED,
        "attempts": 0,
        "next_try_at": now,
        "not_after": not_after,
        "leased_until": None,
        "lease_holder": None,
        "settled_at": None,
        "dismissed_at": None,
    }
    if not move_notification(session, row.id, state=before, values=values):
        return False
    _note(session, row, StepKind.SENT_AGAIN, before, _S.QUEUED, actor=actor, now=now)
    return True


_ACTIONS = {
    StepKind.SENT_AGAIN: "send_notification_again",
    StepKind.CONFIRMED: "confirm_notification",
    StepKind.DISMISSED: "dismiss_notification",
}


def _note(
    session: Session,
    row: Notification,
    kind: StepKind,
    before: NotificationState,
    after: NotificationState,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    account_id = actor.id if actor.kind is ActorKind.ACCOUNT else None
    add_step(
        session,
        NotificationStep(notification_id=row.id, at=now, kind=kind, account_id=account_id),
    )
    record(
        session,
        actor,
        _ACTIONS[kind],
        about=("notification", row.id),
        now=now,
        details={
            "kind": row.kind.value,
            "channel": row.channel.value,
            "before": before.value,
            "after": after.value,
        },
    )
