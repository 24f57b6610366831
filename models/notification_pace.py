"""How much 粤政易 members were sent lately, counted by one process at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from models.notifications import Notification
from wxbackend.domain.notifications import NotificationState

_S = NotificationState
_PACE_LOCK = 5_204_013  # any number that no other advisory lock of ours has


def lock_pace(session: Session) -> None:
    """Let one process at a time count what members were sent, until it has taken its share."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.execute(select(func.pg_advisory_xact_lock(_PACE_LOCK)))


def count_sent_and_held(
    session: Session,
    hashes: Iterable[bytes],
    *,
    since: Sequence[datetime],
    now: datetime,
    besides: Collection[int],
) -> dict[bytes, list[int]]:
    """How many messages each address was sent, or may be being sent, since each moment.

    What senders hold at this moment counts as sent, but for the ids in `besides`.
    """
    wanted = list(set(hashes))
    sent = (
        select(
            Notification.address_hash,
            *(func.sum(case((Notification.sent_at > moment, 1), else_=0)) for moment in since),
        )
        .where(
            Notification.address_hash.in_(wanted),
            Notification.sent_at > min(since),
            # Told by another notice, which is counted.
            Notification.merged_into_id.is_(None),
        )
        .group_by(Notification.address_hash)
    )
    held = (
        select(Notification.address_hash, *(func.count() for _ in since))
        .where(
            Notification.address_hash.in_(wanted),
            Notification.state.in_((_S.QUEUED, _S.SENDING)),
            Notification.leased_until > now,
            Notification.id.not_in(besides),
        )
        .group_by(Notification.address_hash)
    )
    counts = {one: [0] * len(since) for one in wanted}
    for query in (sent, held):
        for address_hash, *found in session.execute(query):
            both = zip(counts[address_hash], found, strict=True)
            counts[address_hash] = [before + more for before, more in both]
    return counts
