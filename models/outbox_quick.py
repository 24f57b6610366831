"""The two writes of an ordinary send, a round trip each; whatever is unusual goes another way.

The statements are built once: what is left to do for a message is to bind its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Select,
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

from models.base import Base, UtcDateTime
from models.channel_holds import ChannelHold
from models.notifications import Notification, NotificationStep
from models.sms_providers import ProviderCall
from wxbackend.domain.notifications import Answer, NotificationState, StepKind

_S = NotificationState
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
    return connection.execute(_BEGIN, asdict(begin)).rowcount == 1


def settle_accepted(
    connection: Connection, accepted: Accepted, *, call_seconds: float | None
) -> bool:
    """Write that it was sent, the step, and the call if it is noted; False if a sweep was first."""
    values = asdict(accepted)
    if connection.dialect.name != "postgresql":
        return _settle_one_by_one(connection, values, call_seconds)
    statement = _SETTLE if call_seconds is None else _SETTLE_AND_NOTE
    settled: int = connection.execute(statement, {**values, "seconds": call_seconds}).scalar_one()
    return settled == 1


def _settle_one_by_one(
    connection: Connection, values: Mapping[str, Any], call_seconds: float | None
) -> bool:
    is_settled = connection.execute(_UPDATE, values).rowcount == 1
    if is_settled:
        connection.execute(_INSERT_STEP, values)
    if call_seconds is not None:
        connection.execute(_INSERT_CALL, {**values, "seconds": call_seconds})
    return is_settled


# ---- statements --------------------------------------------------------------------------------

_AT = bindparam("at", type_=UtcDateTime())
_BEGIN = (
    update(_N)
    .where(
        _N.c.id == bindparam("the_id"),
        _N.c.lease_holder == bindparam("holder"),
        _N.c.leased_until > bindparam("now", type_=UtcDateTime()),
        or_(
            and_(
                _N.c.state == _S.QUEUED,
                _N.c.not_after > bindparam("now", type_=UtcDateTime()),
                ~exists().where(_HOLD.c.channel == _N.c.channel),
            ),
            # Marked already, before the connection was lost.
            and_(_N.c.state == _S.SENDING, _N.c.attempts == bindparam("attempt")),
        ),
    )
    .values(
        state=_S.SENDING,
        attempts=bindparam("attempt"),
        leased_until=bindparam("until", type_=UtcDateTime()),
    )
)
_UPDATE = (
    update(_N)
    .where(
        _N.c.id == bindparam("the_id"),
        _N.c.state == _S.SENDING,
        _N.c.lease_holder == bindparam("holder"),
    )
    .values(
        state=_S.SENT,
        sent_at=_AT,
        settled_at=_AT,
        last_answer=bindparam("code"),
        provider=bindparam("provider"),
        provider_reference=bindparam("reference"),
        leased_until=None,
        lease_holder=None,
    )
)
_STEP_COLUMNS = {
    "at": _AT,
    "kind": literal(StepKind.TRIED, _STEP.c.kind.type),
    "answer": literal(Answer.ACCEPTED, _STEP.c.answer.type),
    "provider": bindparam("provider", type_=_STEP.c.provider.type),
    "code": bindparam("code", type_=_STEP.c.code.type),
    "reference": bindparam("reference", type_=_STEP.c.reference.type),
}
_CALL_COLUMNS = {
    "provider": bindparam("provider", type_=_CALL.c.provider.type),
    "at": _AT,
    "is_good": literal(value=True),
    "seconds": bindparam("seconds", type_=Float()),
}
_INSERT_STEP = insert(_STEP).values(notification_id=bindparam("the_id"), **_STEP_COLUMNS)
_INSERT_CALL = insert(_CALL).values(**_CALL_COLUMNS)


def _whole(*, with_call: bool) -> Select[Any]:
    """Everything in one statement of PostgreSQL: whether the message was still ours."""
    settled = _UPDATE.returning(_N.c.id).cte("settled")
    step = insert(_STEP).from_select(
        ["notification_id", *_STEP_COLUMNS], select(settled.c.id, *_STEP_COLUMNS.values())
    )
    query = select(func.count()).select_from(settled).add_cte(step.cte("step"))
    if with_call:
        call = insert(_CALL).from_select(list(_CALL_COLUMNS), select(*_CALL_COLUMNS.values()))
        query = query.add_cte(call.cte("call"))
    return query


_SETTLE = _whole(with_call=False)
_SETTLE_AND_NOTE = _whole(with_call=True)
