"""The outbox's moves: claim with a lease, mark as sending, settle, heal; each one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
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
    Channel,
    NotificationKind,
    NotificationState,
    StepKind,
)

_S = NotificationState
_AS_SEEN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased notification, with what its provider needs; `attempts` are those before this one.

    A probe is sent although its channel is held.
    """

    id: int
    public_id: str
    channel: Channel
    kind: NotificationKind
    address: str
    address_hash: bytes
    content: Mapping[str, Any]
    attempts: int
    not_after: datetime
    next_try_at: datetime
    is_probe: bool = False


_CLAIMED = (
    Notification.id,
    Notification.public_id,
    Notification.channel,
    Notification.kind,
    Notification.address,
    Notification.address_hash,
    Notification.content,
    Notification.attempts,
    Notification.not_after,
    Notification.next_try_at,
)


def _is_waiting(now: datetime) -> ColumnElement[bool]:
    """Nobody sends it, and it may go, as far as itself is concerned."""
    free = or_(Notification.leased_until.is_(None), Notification.leased_until <= now)
    alone = Notification.merged_into_id.is_(None)
    return and_(
        Notification.state == _S.QUEUED,
        Notification.next_try_at <= now,
        Notification.not_after > now,
        free,
        alone,
    )


def _is_free_to_go() -> ColumnElement[bool]:
    return ~exists().where(ChannelHold.channel == Notification.channel)


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether there is anything to claim: asked first, so that an idle sender writes nothing."""
    held = exists().where(
        ChannelHold.channel == Notification.channel, ChannelHold.next_probe_at > now
    )
    query = select(Notification.id).where(_is_waiting(now), ~held).limit(1)
    return session.scalar(query) is not None


def claim_due(
    session: Session, *, holder: str, now: datetime, leased_until: datetime, limit: int
) -> list[Claimed]:
    """Lease the notifications whose turn has come to this process, oldest first.

    They stay `queued`: a process that dies before `begin_sending` has sent nothing, and the lease
    runs out by itself.
    """
    query = (
        select(Notification.id)
        .where(_is_waiting(now), _is_free_to_go())
        .order_by(Notification.next_try_at, Notification.id)
        .limit(limit)
    )
    found = _lease(session, query, holder=holder, leased_until=leased_until)
    return sorted(found, key=lambda one: (one.next_try_at, one.id))


def claim_probe(
    session: Session, channel: Channel, *, holder: str, now: datetime, leased_until: datetime
) -> Claimed | None:
    """Lease what ends first of a held channel, whatever else it waits for."""
    query = (
        select(Notification.id)
        .where(_is_waiting(now), Notification.channel == channel)
        .order_by(Notification.not_after, Notification.id)
        .limit(1)
    )
    found = _lease(session, query, holder=holder, leased_until=leased_until)
    return replace(found[0], is_probe=True) if found else None


def claim_one(
    session: Session, notification_id: int, *, holder: str, now: datetime, leased_until: datetime
) -> Claimed | None:
    """Lease this one if its turn has come and nobody was faster."""
    query = select(Notification.id).where(
        Notification.id == notification_id, _is_waiting(now), _is_free_to_go()
    )
    return next(iter(_lease(session, query, holder=holder, leased_until=leased_until)), None)


def _lease(
    session: Session, wanted: Select[Any], *, holder: str, leased_until: datetime
) -> list[Claimed]:
    # In a CTE: a subquery of the UPDATE's own might be run again, and lock more than the limit.
    chosen = wanted.with_for_update(skip_locked=True, of=Notification).cte("chosen")
    query = (
        update(Notification)
        .where(Notification.id.in_(select(chosen.c.id)))
        .values(leased_until=leased_until, lease_holder=holder)
        .returning(*_CLAIMED)
        .execution_options(**_AS_SEEN)
    )
    return [Claimed(*row) for row in session.execute(query)]


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
