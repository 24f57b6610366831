"""Who sends what: notifications are leased to one process at a time.

The statements are built once; a claim binds its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Integer,
    LargeBinary,
    RowMapping,
    Select,
    TypeDecorator,
    Update,
    and_,
    bindparam,
    case,
    exists,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from models.base import Base, UtcDateTime
from models.channel_holds import ChannelHold
from models.notifications import Notification, NotificationStep
from models.outbox_repeats import may_have_arrived
from wxbackend.domain.keys import TamperedCiphertext, UnknownKey
from wxbackend.domain.notifications import (
    Answer,
    Channel,
    NotificationKind,
    NotificationState,
    StepKind,
)

_N = Base.metadata.tables[Notification.__tablename__]
_HOLD = Base.metadata.tables[ChannelHold.__tablename__]
_ENCRYPTED = ("address", "content")
UNREADABLE = "unreadable"


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


@dataclass(frozen=True, slots=True)
class Lease:
    """To whom, and until when."""

    holder: str
    now: datetime
    until: datetime


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether there is anything to claim: asked first, so that an idle sender writes nothing."""
    return session.scalar(_HAS_DUE, {"its_now": now}) is not None


def claim_due(session: Session, lease: Lease, *, limit: int) -> list[Claimed]:
    """Lease the notifications whose turn has come to this process, oldest first.

    They stay `queued`: a process that dies before `begin_sending` has sent nothing, and the lease
    runs out by itself.
    """
    found = _claim(session, _DUE, lease, limit=limit)
    return sorted(found, key=lambda one: (one.next_try_at, one.id))


def claim_probe(session: Session, lease: Lease, *, channel: Channel) -> Claimed | None:
    """Lease what ends first of a held channel, whatever else it waits for."""
    found = _claim(session, _PROBE, lease, channel=channel)
    return replace(found[0], is_probe=True) if found else None


def claim_one(session: Session, lease: Lease, *, the_id: int) -> Claimed | None:
    """Lease this one if its turn has come and nobody was faster."""
    return next(iter(_claim(session, _ONE, lease, the_id=the_id)), None)


def _claim(session: Session, statement: Update, lease: Lease, **more: object) -> list[Claimed]:
    values = {"holder": lease.holder, "now": lease.now, "until": lease.until, **more}
    named = {f"its_{name}": value for name, value in values.items()}
    claimed, unreadable = [], []
    for row in session.execute(statement, named).mappings():
        try:
            claimed.append(Claimed(**{**row, **_opened(session, row)}))
        except (TamperedCiphertext, UnknownKey):
            unreadable.append(row["id"])
    if unreadable:
        _set_aside(session, unreadable, now=lease.now)
    return claimed


def _opened(session: Session, row: RowMapping) -> dict[str, Any]:
    """What is encrypted, read here: one row that cannot be read must not stop the others.

    Raises: TamperedCiphertext, UnknownKey.
    """
    dialect = session.get_bind().dialect
    kinds = {name: cast("TypeDecorator[Any]", _N.c[name].type) for name in _ENCRYPTED}
    return {name: kind.process_result_value(row[name], dialect) for name, kind in kinds.items()}


def _set_aside(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """For a person to look at: no try will ever read them."""
    session.execute(
        update(_N)
        .where(_N.c.id.in_(ids))
        .values(
            state=case(
                (may_have_arrived(), NotificationState.UNKNOWN.value),
                else_=NotificationState.FAILED.value,
            ),
            last_answer=UNREADABLE,
            settled_at=now,
            leased_until=None,
            lease_holder=None,
        )
    )
    session.execute(
        insert(NotificationStep),
        [
            {
                "notification_id": number,
                "at": now,
                "kind": StepKind.TRIED,
                "answer": Answer.PERMANENT,
                "code": UNREADABLE,
            }
            for number in ids
        ],
    )


# ---- statements --------------------------------------------------------------------------------


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


_NOW = _moment("its_now")
# Nobody sends it, and it may go, as far as itself is concerned.
_IS_WAITING = and_(
    _N.c.state == NotificationState.QUEUED,
    _N.c.next_try_at <= _NOW,
    _N.c.not_after > _NOW,
    or_(_N.c.leased_until.is_(None), _N.c.leased_until <= _NOW),
    _N.c.merged_into_id.is_(None),
)
_IS_FREE_TO_GO = ~exists().where(_HOLD.c.channel == _N.c.channel)
_HAS_DUE = (
    select(_N.c.id)
    .where(
        _IS_WAITING,
        ~exists().where(_HOLD.c.channel == _N.c.channel, _HOLD.c.next_probe_at > _NOW),
    )
    .limit(1)
)


def _leasing(wanted: Select[Any]) -> Update:
    # In a CTE: a subquery of the UPDATE's own might be run again, and lock more than the limit.
    chosen = wanted.with_for_update(skip_locked=True, of=_N).cte("chosen")
    columns = (
        type_coerce(_N.c[name], LargeBinary()).label(name) if name in _ENCRYPTED else _N.c[name]
        for name in Claimed.__match_args__
        if name != "is_probe"
    )
    return (
        update(_N)
        .where(_N.c.id.in_(select(chosen.c.id)))
        .values(
            leased_until=_moment("its_until"),
            lease_holder=bindparam("its_holder", type_=_N.c.lease_holder.type),
        )
        .returning(*columns)
    )


_DUE = _leasing(
    select(_N.c.id)
    .where(_IS_WAITING, _IS_FREE_TO_GO)
    .order_by(_N.c.next_try_at, _N.c.id)
    .limit(bindparam("its_limit", type_=Integer()))
)
_PROBE = _leasing(
    select(_N.c.id)
    .where(_IS_WAITING, _N.c.channel == bindparam("its_channel", type_=_N.c.channel.type))
    .order_by(_N.c.not_after, _N.c.id)
    .limit(1)
)
_ONE = _leasing(
    select(_N.c.id).where(
        _N.c.id == bindparam("its_the_id", type_=Integer()), _IS_WAITING, _IS_FREE_TO_GO
    )
)
