"""The outbox: letters go in with the transaction of what they tell, and out one call each."""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from models.channel_holds import begin_probe, list_due_holds
from models.database import DATABASE_AWAY, Session, at_once, reading, transaction
from models.notification_pace import count_sent_and_held, lock_pace
from models.notifications import Notification
from models.outbox import (
    begin_sending,
    expire_overdue,
    release,
    sweep_dead_senders,
)
from models.outbox_claims import Claimed, Lease, claim_due, claim_one, claim_probe, has_due
from models.outbox_quick import Beginning, begin_at_once
from models.outbox_repeats import stop_repeating
from wxbackend.domain.channel_holds import probe_pause
from wxbackend.domain.notifications import (
    REPEAT_KNOWN_FOR,
    Channel,
    NotificationKind,
    NotificationState,
)
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox_calls import call_provider
from wxbackend.services.outbox_settling import settle
from wxbackend.services.sms_health import leave_failing

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_WAIT_FOR_MINUTE, _WAIT_FOR_HOUR = timedelta(seconds=10), timedelta(minutes=5)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LONGEST_NAME, _LONGEST_UNIT = 50, 100


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to tell one recipient; (event, recipient, channel) is told once."""

    event: str
    recipient: str
    channel: Channel
    kind: NotificationKind
    address: str
    content: Mapping[str, Any]
    not_after: datetime
    recipient_name: str = ""
    recipient_unit: str = ""
    passage_id: int | None = None
    reservation_id: int | None = None


def enqueue(session: Session, letter: Letter, *, now: datetime) -> Notification:
    row = Notification(
        event=letter.event,
        recipient=letter.recipient,
        channel=letter.channel,
        kind=letter.kind,
        address=letter.address,
        address_hash=letter.address,
        recipient_name=letter.recipient_name[:_LONGEST_NAME],
        recipient_unit=letter.recipient_unit[:_LONGEST_UNIT],
        passage_id=letter.passage_id,
        reservation_id=letter.reservation_id,
        content=dict(letter.content),
        state=NotificationState.QUEUED,
        next_try_at=now,
        not_after=letter.not_after,
        created_at=now,
    )
    session.add(row)
    return row


def send_due(
    dependencies: Dependencies,
    *,
    holder: str,
    limit: int,
    is_ending: Callable[[], bool] = lambda: False,
) -> int:
    """Send up to `limit` notifications whose turn has come; how many were taken up.

    `holder` names this process or thread, `is_ending` says that it is to begin no further one.
    No transaction is open while a provider is called.
    """
    claimed, waiting = _claim(dependencies, holder=holder, limit=limit)
    unsent, is_begun = list(waiting), False
    try:
        while unsent and (is_begun or not is_ending()):
            letter = unsent.pop(0)
            following = unsent[0] if unsent and not is_ending() else None
            is_begun = _send_one(
                dependencies, letter, holder=holder, is_begun=is_begun, following=following
            )
    finally:
        if unsent:  # whatever went wrong with one: the others need not wait for its lease
            with suppress(*DATABASE_AWAY), transaction() as session:
                release(session, [letter.id for letter in unsent], holder=holder)
    return claimed


def send_at_once(dependencies: Dependencies, notification_id: int) -> bool:
    """Send this one now; False when its turn has not come, or another process has it."""
    now, lease = dependencies.clock(), dependencies.policy.notifications.lease
    holder = f"at_once:{secrets.token_hex(12)}"
    with transaction() as session:
        letter = claim_one(session, Lease(holder, now, now + lease), the_id=notification_id)
    if letter is None:
        return False
    _send_one(dependencies, letter, holder=holder)
    return True


def heal(dependencies: Dependencies) -> int:
    """Take back what dead senders left, and let what nobody needs any more expire."""
    now, policy = dependencies.clock(), dependencies.policy.notifications
    most = len(policy.retry_pauses) + 1
    with transaction() as session:
        swept = sweep_dead_senders(session, now=now, lease=policy.lease, most_attempts=most)
        return swept + expire_overdue(session, now=now)


def _claim(dependencies: Dependencies, *, holder: str, limit: int) -> tuple[int, list[Claimed]]:
    """How many were taken up, and those of them that may be sent now."""
    now, policy = dependencies.clock(), dependencies.policy.notifications
    with reading() as session:
        if not has_due(session, now=now):
            return 0, []
    with transaction() as session:
        lease = Lease(holder, now, now + policy.lease)
        probes = _claim_probes(session, lease)
        letters = claim_due(session, lease, limit=limit)
        late = _over_pace(session, dependencies, letters, now=now)
        for wait in set(late.values()):
            ids = [number for number, its_wait in late.items() if its_wait == wait]
            release(session, ids, holder=holder, next_try_at=now + wait)
    return len(probes) + len(letters), [
        *probes,
        *(letter for letter in letters if letter.id not in late),
    ]


def _claim_probes(session: Session, lease: Lease) -> list[Claimed]:
    """One notification of each held channel whose time for a probe has come."""
    probes = []
    for hold in list_due_holds(session, now=lease.now):
        letter = claim_probe(session, lease, channel=hold.channel)
        if letter is None:
            continue
        chance = random.random()  # noqa: S311 - spreads probes, guards nothing
        pause = probe_pause(hold.probes + 1, chance=chance)
        if begin_probe(session, hold, next_probe_at=lease.now + pause):
            probes.append(letter)
        else:
            release(session, [letter.id], holder=lease.holder)
    return probes


def _over_pace(
    session: Session, dependencies: Dependencies, letters: Sequence[Claimed], *, now: datetime
) -> dict[int, timedelta]:
    """What exceeds what a 粤政易 member may get, and how long it waits: dropped silently there."""
    members = [letter for letter in letters if letter.channel is Channel.YUEZHENGYI]
    if not members:
        return {}
    policy = dependencies.policy.notifications
    lock_pace(session)
    sent = count_sent_and_held(
        session,
        [letter.address_hash for letter in members],
        since=(now - _MINUTE, now - _HOUR),
        now=now,
        besides=[letter.id for letter in members],
    )
    late = {}
    for letter in members:
        in_minute, in_hour = sent[letter.address_hash]
        if in_hour >= policy.most_per_hour_per_member:
            late[letter.id] = _WAIT_FOR_HOUR
        elif in_minute >= policy.most_per_minute_per_member:
            late[letter.id] = _WAIT_FOR_MINUTE
        else:
            sent[letter.address_hash] = [in_minute + 1, in_hour + 1]
    return late


def _send_one(
    dependencies: Dependencies,
    letter: Claimed,
    *,
    holder: str,
    is_begun: bool = False,
    following: Claimed | None = None,
) -> bool:
    """Send it, marked already or not; whether the following one has been marked with its end."""
    lease = dependencies.policy.notifications.lease
    end = time.monotonic() + lease.total_seconds()
    if not is_begun and not _insist(lambda: _begin(dependencies, letter, holder=holder), end=end):
        return False
    answered = call_provider(dependencies, letter)

    def settled() -> tuple[NotificationState, bool]:
        mark = _mark(dependencies, following, holder=holder) if following else None
        return settle(dependencies, letter, answered, holder=holder, following=mark)

    # The provider may have it: whatever befalls the database, this must be written down.
    became, is_next_begun = _insist(settled, end=end)
    _log.info(
        "notification tried",
        extra={
            "notification": letter.id,
            "channel": letter.channel.value,
            "answer": answered.outcome.answer.value,
            "provider_said": answered.outcome.code,
            "attempts": letter.attempts + 1,
            "became": became.value,
        },
    )
    leave_failing(dependencies, answered.calls)
    return is_next_begun


def _mark(dependencies: Dependencies, letter: Claimed, *, holder: str) -> Beginning | None:
    """What marks an ordinary message; None for what needs a closer look."""
    if letter.attempts or letter.is_probe:
        return None
    now, lease = dependencies.clock(), dependencies.policy.notifications.lease
    return Beginning(letter.id, holder, letter.attempts + 1, now, now + lease)


def _begin(dependencies: Dependencies, letter: Claimed, *, holder: str) -> bool:
    """Mark that the provider is about to be called; otherwise give the notification back."""
    now, lease = dependencies.clock(), dependencies.policy.notifications.lease
    mark = _mark(dependencies, letter, holder=holder)
    if mark is not None:
        with at_once() as connection:
            if begin_at_once(connection, mark):
                return True
    with transaction() as session:
        if letter.attempts and stop_repeating(
            session, letter.id, now=now, unknown_since=now - REPEAT_KNOWN_FOR
        ):
            return False
        if begin_sending(
            session,
            letter.id,
            holder=holder,
            attempt=letter.attempts + 1,
            now=now,
            leased_until=now + lease,
            is_probe=letter.is_probe,
        ):
            return True
        if not expire_overdue(session, now=now, only_id=letter.id):
            release(session, [letter.id], holder=holder)
    return False


def _insist(write: Callable[[], _T], *, end: float) -> _T:
    """Repeat a write while the database is away, until this moment of the monotonic clock."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return write()
        except DATABASE_AWAY:
            if time.monotonic() + pause >= end:
                raise
        _log.warning("database away, writing again", extra={"seconds": pause})
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
