"""What became of earlier tries: whether a notification may have arrived, and may be repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from models.base import changed_rows
from models.notifications import Notification, NotificationStep, settle_merged
from wxbackend.domain.notifications import (
    REPEATABLE_CHANNELS,
    Answer,
    NotificationState,
    StepKind,
)

_S = NotificationState


def may_have_arrived(*, by: datetime | None = None) -> ColumnElement[bool]:
    """A try of unknown outcome since a person last sent it again; made by this moment, if given."""
    later = aliased(NotificationStep)
    sent_again_since = exists().where(
        # Of the step's own notification: `Notification` would be any, two levels down.
        later.notification_id == NotificationStep.notification_id,
        later.kind == StepKind.SENT_AGAIN,
        later.id > NotificationStep.id,
    )
    condition = exists().where(
        NotificationStep.notification_id == Notification.id,
        NotificationStep.answer == Answer.UNKNOWN,
        ~sent_again_since,
    )
    return condition if by is None else condition.where(NotificationStep.at <= by)


def has_perhaps_arrived(session: Session, notification_id: int) -> bool:
    query = select(func.count()).where(Notification.id == notification_id, may_have_arrived())
    return session.scalar(query) == 1


def stop_repeating(
    session: Session, notification_id: int, *, now: datetime, unknown_since: datetime
) -> bool:
    """Leave to a person what may have arrived so long ago that a repeat would not be recognised."""
    values: dict[str, Any] = {"leased_until": None, "lease_holder": None, "settled_at": now}
    query = (
        update(Notification)
        .where(
            Notification.id == notification_id,
            Notification.state == _S.QUEUED,
            Notification.channel.in_(REPEATABLE_CHANNELS),
            may_have_arrived(by=unknown_since),
        )
        .values(state=_S.UNKNOWN, **values)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(session, query) != 1:
        return False
    settle_merged(session, notification_id, {"state": _S.UNKNOWN, "settled_at": now})
    return True
