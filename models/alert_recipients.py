"""The lists of alert recipients as 告警设置 shows and changes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.enterprises import AlertRecipient
from models.notifications import Notification
from models.scope import visible
from wxbackend.domain.alert_recipients import AlertList
from wxbackend.domain.notifications import NotificationKind
from wxbackend.domain.scope import Scope


def list_recipients(session: Session, scope: Scope) -> Sequence[AlertRecipient]:
    """All lists together, each in the order in which people were added."""
    query = (
        select(AlertRecipient)
        .where(visible(scope, AlertRecipient))
        .options(joinedload(AlertRecipient.town))
        .order_by(AlertRecipient.id)
    )
    return session.scalars(query).all()


def find_alert_recipient(session: Session, scope: Scope, public_id: str) -> AlertRecipient | None:
    """For a change: nobody else changes the row, or tests it, before this transaction ends."""
    query = (
        select(AlertRecipient)
        .where(AlertRecipient.public_id == public_id, visible(scope, AlertRecipient))
        .with_for_update()
    )
    return session.scalar(query)


def lock_list(session: Session, scope: Scope, of: AlertList) -> Sequence[AlertRecipient]:
    """The recipients of one list; two who test it at once come one after the other."""
    town = AlertRecipient.town_id
    query = (
        select(AlertRecipient)
        .where(
            AlertRecipient.audience == of.audience,
            town.is_(None) if of.town_id is None else town == of.town_id,
            visible(scope, AlertRecipient),
        )
        .order_by(AlertRecipient.id)
        .with_for_update()
    )
    return session.scalars(query).all()


def latest_tests(
    session: Session, scope: Scope, recipients: Iterable[str]
) -> dict[str, Notification]:
    """The newest test of each; `recipients` as the notifications' recipient column has them."""
    newest = (
        select(func.max(Notification.id))
        .where(
            Notification.recipient.in_(list(recipients)),
            Notification.kind == NotificationKind.ALERT_TEST,
        )
        .group_by(Notification.recipient)
    )
    query = select(Notification).where(Notification.id.in_(newest), visible(scope, Notification))
    return {row.recipient: row for row in session.scalars(query)}
