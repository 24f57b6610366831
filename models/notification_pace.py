"""How much 粤政易 members were sent lately, counted by one process at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, bindparam, case, func, select, union_all
from sqlalchemy.orm import Session

from models.base import Base, UtcDateTime
from models.notifications import Notification
from wxbackend.domain.notifications import NotificationState

_S = NotificationState
_N = Base.metadata.tables[Notification.__tablename__]
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
    moments = {f"its_since_{place}": moment for place, moment in enumerate(since)}
    values = {"hashes": wanted, "its_oldest": min(since), "its_now": now, "besides": list(besides)}
    counts = {one: [0] * len(since) for one in wanted}
    for address_hash, *found in session.execute(_counting(len(since)), {**values, **moments}):
        both = zip(counts[address_hash], found, strict=True)
        counts[address_hash] = [before + more for before, more in both]
    return counts


@cache
def _counting(moments: int) -> CompoundSelect[Any]:
    """Built once: what was sent since each moment, and what is held."""
    since = [_moment(f"its_since_{place}") for place in range(moments)]
    is_wanted = _N.c.address_hash.in_(bindparam("hashes", expanding=True))
    sent = (
        select(
            _N.c.address_hash, *(func.sum(case((_N.c.sent_at > one, 1), else_=0)) for one in since)
        )
        .where(
            is_wanted,
            _N.c.sent_at > _moment("its_oldest"),
            # Told by another notice, which is counted.
            _N.c.merged_into_id.is_(None),
        )
        .group_by(_N.c.address_hash)
    )
    held = (
        select(_N.c.address_hash, *(func.count() for _ in since))
        .where(
            is_wanted,
            _N.c.state.in_((_S.QUEUED, _S.SENDING)),
            _N.c.leased_until > _moment("its_now"),
            _N.c.id.not_in(bindparam("besides", expanding=True)),
        )
        .group_by(_N.c.address_hash)
    )
    return union_all(sent, held)


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())
