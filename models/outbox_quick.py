"""The two writes of an ordinary send, a round trip each; whatever is unusual goes another way.

The statements are built once: what is left to do for a message is to bind its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Float,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from models.base import Base, UtcDateTime
from models.channel_holds import ChannelHold
from models.notifications import Notification, NotificationStep
from models.sms_providers import ProviderCall
from wxbackend.domain.notifications import Answer, NotificationState, StepKind

_S = NotificationState
# No name of a value may be a column's: it would be set in every part of a statement.
_ITS, _NEXT = "its_", "next_"
_TABLES = Base.metadata.tables
_N = _TABLES[Notification.__tablename__]
_STEP = _TABLES[NotificationStep.__tablename__]
_CALL = _TABLES[ProviderCall.__tablename__]
_HOLD = _TABLES[ChannelHold.__tablename__]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is written of a message before its provider is called."""

    the_id: int
    holder: str
    attempt: int
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is written of a message that its provider took."""

    the_id: int
    holder: str
    at: datetime
    provider: str
    code: str
    reference: str


def begin_at_once(connection: Connection, begin: Beginning) -> bool:
    """As `begin_sending`, for what is no probe."""
    return connection.execute(_BEGIN, _named(begin, _ITS)).rowcount == 1


def settle_accepted(
    connection: Connection,
    accepted: Accepted,
    *,
    call_seconds: float | None,
    following: Beginning | None,
) -> bool:
    """Write that it was sent (unless a sweep was first), the step, and the call if it is noted.

    Marks the `following` message too, whose call comes next; whether that may be made.
    """
    values = {**_named(accepted, _ITS), "its_seconds": call_seconds}
    if connection.dialect.name != "postgresql":
        _settle_one_by_one(connection, values)
        return following is not None and begin_at_once(connection, following)
    if following is not None:
        values |= _named(following, _NEXT)
    statement = _WHOLE[call_seconds is not None, following is not None]
    begun: int = connection.execute(statement, values).scalar_one()
    return begun == 1


def _settle_one_by_one(connection: Connection, values: Mapping[str, Any]) -> None:
    if connection.execute(_UPDATE, values).rowcount == 1:
        connection.execute(_INSERT_STEP, values)
    if values["its_seconds"] is not None:
        connection.execute(_INSERT_CALL, values)


def _named(fields: Beginning | Accepted, prefix: str) -> dict[str, Any]:
    # Not `asdict`, which copies every value deeply: this runs for each message.
    return {f"{prefix}{name}": getattr(fields, name) for name in type(fields).__slots__}


# ---- statements --------------------------------------------------------------------------------

_AT = bindparam("its_at", type_=UtcDateTime())


def _begin(prefix: str) -> Update:
    """Its values are the fields of `Beginning`, with the prefix."""

    def value(name: str, kind: TypeEngine[Any] | None = None) -> BindParameter[Any]:
        return bindparam(f"{prefix}{name}", type_=kind)

    now = value("now", UtcDateTime())
    may_begin = and_(
        _N.c.state == _S.QUEUED,
        _N.c.not_after > now,
        ~exists().where(_HOLD.c.channel == _N.c.channel),
    )
    # Marked already, before the connection was lost.
    has_begun = and_(_N.c.state == _S.SENDING, _N.c.attempts == value("attempt", Integer()))
    return (
        update(_N)
        .where(
            _N.c.id == value("the_id", Integer()),
            _N.c.lease_holder == value("holder", _N.c.lease_holder.type),
            _N.c.leased_until > now,
            or_(may_begin, has_begun),
        )
        .values(
            state=_S.SENDING,
            attempts=value("attempt", Integer()),
            leased_until=value("until", UtcDateTime()),
        )
    )


_BEGIN = _begin(_ITS)
_UPDATE = (
    update(_N)
    .where(
        _N.c.id == bindparam("its_the_id"),
        _N.c.state == _S.SENDING,
        _N.c.lease_holder == bindparam("its_holder"),
    )
    .values(
        state=_S.SENT,
        sent_at=_AT,
        settled_at=_AT,
        last_answer=bindparam("its_code"),
        provider=bindparam("its_provider"),
        provider_reference=bindparam("its_reference"),
        leased_until=None,
        lease_holder=None,
    )
)
_STEP_COLUMNS = {
    "at": _AT,
    "kind": literal(StepKind.TRIED, _STEP.c.kind.type),
    "answer": literal(Answer.ACCEPTED, _STEP.c.answer.type),
    "provider": bindparam("its_provider", type_=_STEP.c.provider.type),
    "code": bindparam("its_code", type_=_STEP.c.code.type),
    "reference": bindparam("its_reference", type_=_STEP.c.reference.type),
}
_CALL_COLUMNS = {
    "provider": bindparam("its_provider", type_=_CALL.c.provider.type),
    "at": _AT,
    "is_good": literal(value=True),
    "seconds": bindparam("its_seconds", type_=Float()),
}
_INSERT_STEP = insert(_STEP).values(notification_id=bindparam("its_the_id"), **_STEP_COLUMNS)
_INSERT_CALL = insert(_CALL).values(**_CALL_COLUMNS)


def _whole(*, with_call: bool, with_next: bool) -> Select[Any]:
    """Everything in one statement of PostgreSQL; how many messages were begun."""
    settled = _UPDATE.returning(_N.c.id).cte("settled")
    step = insert(_STEP).from_select(
        ["notification_id", *_STEP_COLUMNS], select(settled.c.id, *_STEP_COLUMNS.values())
    )
    parts = [settled, step.cte("step")]
    if with_call:
        call = insert(_CALL).from_select(list(_CALL_COLUMNS), select(*_CALL_COLUMNS.values()))
        parts.append(call.cte("call"))
    if not with_next:
        return select(literal(0)).add_cte(*parts)
    begun = _begin(_NEXT).returning(_N.c.id).cte("begun")
    return select(func.count()).select_from(begun).add_cte(*parts)


_WHOLE = {
    (with_call, with_next): _whole(with_call=with_call, with_next=with_next)
    for with_call in (False, True)
    for with_next in (False, True)
}
