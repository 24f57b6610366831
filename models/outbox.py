"""The outbox's moves after a claim: give back, mark as sending, settle, heal; a statement each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from models.base import changed_rows
from models.channel_holds import ChannelHold
from models.notifications import Notification, NotificationStep, settle_merged
from models.outbox_repeats import may_have_arrived
from wxbackend.domain.notifications import (
    REPEATABLE_CHANNELS,
    TRIED_TO_THE_END,
    Answer,
    NotificationState,
    StepKind,
)

_S = NotificationState
_AS_SEEN = {"synchronize_session": False}


def _is_free_to_go() -> ColumnElement[bool]:
    return ~exists().where(ChannelHold.channel == Notification.channel)


def release(
    session: Session, ids: Collection[int], *, holder: str, next_try_at: datetime | None = None
) -> None:
    """Give claimed ones back unsent; with `next_try_at` for later."""
    values: dict[str, Any] = {"leased_until": None, "lease_holder": None}
    if next_try_at is not None:
        values["next_try_at"] = next_try_at
    session.execute(
        update(Notification)
        .where(
            Notification.id.in_(list(ids)),
            Notification.state == _S.QUEUED,
            Notification.lease_holder == holder,
        )
        .values(values)
        .execution_options(**_AS_SEEN)
    )


def begin_sending(
    session: Session,
    notification_id: int,
    *,
    holder: str,
    attempt: int,
    now: datetime,
    leased_until: datetime,
    is_probe: bool = False,
) -> bool:
    """Mark that the provider is about to be called; False when it may not be, or is not ours.

    Asked again after a lost connection it says True for what it had already marked.
    """
    ours = and_(
        Notification.id == notification_id,
        Notification.lease_holder == holder,
        Notification.leased_until > now,
    )
    not_begun = and_(
        Notification.state == _S.QUEUED,
        Notification.not_after > now,
        true() if is_probe else _is_free_to_go(),
    )
    begun = and_(Notification.state == _S.SENDING, Notification.attempts == attempt)
    query = (
        update(Notification)
        .where(ours, or_(not_begun, begun))
        .values(state=_S.SENDING, attempts=attempt, leased_until=leased_until)
        .execution_options(**_AS_SEEN)
    )
    return changed_rows(session, query) == 1


def settle_sending(
    session: Session, notification_id: int, *, holder: str, values: Mapping[str, Any]
) -> bool:
    """Write what came of the call; False when a sweep has given the row away meanwhile."""
    query = (
        update(Notification)
        .where(
            Notification.id == notification_id,
            Notification.state == _S.SENDING,
            Notification.lease_holder == holder,
        )
        .values(leased_until=None, lease_holder=None, **values)
        .execution_options(**_AS_SEEN)
    )
    return changed_rows(session, query) == 1


def add_tried_step(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(insert(NotificationStep), {"kind": StepKind.TRIED, **values})


def sweep_dead_senders(
    session: Session, *, now: datetime, lease: timedelta, most_attempts: int
) -> int:
    """Heal what a dead process left in `sending`: its call may or may not have gone out.

    Where the provider recognises a repeated request it is queued again, as long as tries are left;
    elsewhere it is `unknown` for a person to decide.
    """
    lapsed_query = (
        select(Notification.id, Notification.leased_until)
        .where(Notification.state == _S.SENDING, Notification.leased_until <= now)
        .with_for_update(skip_locked=True)
    )
    # When each call began: how long a repeat is recognised is counted from there.
    begun = {number: until - lease for number, until in session.execute(lapsed_query) if until}
    if not begun:
        return 0
    repeated = and_(
        Notification.channel.in_(REPEATABLE_CHANNELS),
        or_(Notification.attempts < most_attempts, Notification.kind.in_(TRIED_TO_THE_END)),
    )
    query = (
        update(Notification)
        .where(Notification.id.in_(begun))
        .values(
            state=case((repeated, _S.QUEUED.value), else_=_S.UNKNOWN.value),
            settled_at=case((repeated, None), else_=now),
            next_try_at=now,
            leased_until=None,
            lease_holder=None,
            last_answer="process_died",
        )
        .returning(Notification.id, Notification.state)
        .execution_options(**_AS_SEEN)
    )
    healed = session.execute(query).all()
    for notification_id, state in healed:
        step = {"notification_id": notification_id, "at": begun[notification_id]}
        add_tried_step(session, {**step, "answer": Answer.UNKNOWN, "code": "process_died"})
        if state is not _S.QUEUED:
            settle_merged(session, notification_id, {"state": state, "settled_at": now})
    return len(healed)


def expire_overdue(session: Session, *, now: datetime, only_id: int | None = None) -> int:
    """What nobody needs any more and nobody is sending ends as `expired`, or may have arrived."""
    query = (
        update(Notification)
        .where(
            Notification.state == _S.QUEUED,
            Notification.not_after <= now,
            # One that was merged ends with the notice that is told instead.
            Notification.merged_into_id.is_(None),
            true() if only_id is None else Notification.id == only_id,
        )
        .values(
            state=case((may_have_arrived(), _S.UNKNOWN.value), else_=_S.EXPIRED.value),
            settled_at=now,
            leased_until=None,
            lease_holder=None,
        )
        .returning(Notification.id, Notification.state)
        .execution_options(**_AS_SEEN)
    )
    ended = session.execute(query).all()
    for notification_id, state in ended:
        settle_merged(session, notification_id, {"state": state, "settled_at": now})
    return len(ended)
