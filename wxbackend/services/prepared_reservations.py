"""代预约 as the lead meets it: filling in a driver's form, and the link to send to the driver."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.base import new_public_id
from models.database import IntegrityError, Session, reading, transaction
from models.employees import Employee, find_employee
from models.notifications import find_newest_to
from models.prepared_reservations import (
    PreparedReservation,
    PreparedState,
    add_prepared,
    erase_expired_forms,
    find_newest_prepared,
    find_prepared,
    list_prepared,
    withdraw_prepared,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, NotFound, TooMany
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.moments import format_second
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.prepared import check_prepared, kept_fields
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue
from wxbackend.services.prepared_views import (
    PreparedStanding,
    PreparedView,
    hash_of_token,
    standing_of,
    token_of_prepared,
    view_of_prepared,
)
from wxbackend.services.reservations import form_rules

_LONGEST = timedelta(days=3)
_SHORTEST = timedelta(minutes=30)  # a truck that is due at once still gets its form
_SAME_TAP = timedelta(minutes=2)
_SMS_PAUSE = timedelta(minutes=1)


class LinkTooSoon(TooMany):
    """An SMS with the link went out less than a minute ago."""

    code = "link_too_soon"


def prepare(
    dependencies: Dependencies,
    scope: Scope,
    employee_id: str,
    raw: Mapping[str, str],
    *,
    lead_id: int,
    actor: Actor,
) -> str:
    """Keep the form for the employee; its public id. The same form tapped twice is one.

    Raises: InvalidForm, NotFound (also for somebody who was removed).
    """
    now, rules = dependencies.clock(), form_rules(dependencies)
    with transaction() as session:
        employee = _employee(session, scope, employee_id)
        arrival_at = check_prepared(with_employee(raw, employee), rules).arrival_at
        form = kept_fields(raw)
        twin = find_newest_prepared(session, scope, employee.id, since=now - _SAME_TAP)
        if twin is not None and twin.form == form:
            return twin.public_id
        row = PreparedReservation(
            token_hash=b"",
            enterprise_id=employee.enterprise_id,
            employee_id=employee.id,
            lead_id=lead_id,
            state=PreparedState.WAITING,
            form=form,
            created_at=now,
            expires_at=min(max(arrival_at, now + _SHORTEST), now + _LONGEST),
        )
        row.public_id = new_public_id()
        row.token_hash = hash_of_token(token_of_prepared(dependencies, row.public_id))
        add_prepared(session, row)
        _audit(session, row, "prepare_reservation", actor=actor, now=now)
        return row.public_id


def find_prepared_forms(
    dependencies: Dependencies, scope: Scope, request: PageRequest
) -> Page[PreparedView]:
    with reading() as session:
        rows, total = list_prepared(session, scope, request)
        return Page([view_of_prepared(dependencies, row) for row in rows], total, request)


def show_prepared(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> PreparedView:
    """With the link; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        row = _get(session, scope, public_id)
        _audit(session, row, "view_prepared", actor=actor, now=now)
        return view_of_prepared(dependencies, row)


def withdraw(dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor) -> None:
    """The link opens nothing any more; twice is once.

    Raises: NotFound, Conflict when the driver has finished the form.
    """
    now = dependencies.clock()
    with transaction() as session:
        row = _get(session, scope, public_id)
        if row.state is PreparedState.WITHDRAWN:
            return
        if not withdraw_prepared(session, row.id):
            raise Conflict
        _audit(session, row, "withdraw_prepared", actor=actor, now=now)


def renew_link(dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor) -> None:
    """After a change of keys the old link cannot be shown again: make the one that can.

    Raises: NotFound, Conflict.
    """
    now = dependencies.clock()
    with transaction() as session:
        row = _waiting(session, dependencies, scope, public_id)
        row.token_hash = hash_of_token(token_of_prepared(dependencies, row.public_id))
        _audit(session, row, "renew_prepared_link", actor=actor, now=now)


def send_link(dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor) -> None:
    """短信发给司机, at most once a minute.

    Raises: NotFound, Conflict (the form no longer waits), LinkTooSoon.
    """
    now = dependencies.clock()
    try:
        with transaction() as session:
            row = _waiting(session, dependencies, scope, public_id)
            last = find_newest_to(session, row.employee.phone, events=f"prepared:{row.id}:")
            if last is not None and now - last.created_at < _SMS_PAUSE:
                raise LinkTooSoon
            number = int(last.event.rpartition(":")[2]) + 1 if last else 1
            enqueue(session, _letter(dependencies, row, number), now=now)
            _audit(session, row, "send_prepared_link", actor=actor, now=now)
    except IntegrityError:  # the other tap was faster
        raise LinkTooSoon from None


def erase_expired_prepared_forms(dependencies: Dependencies) -> int:
    """What leads typed goes when nobody can open it any more."""
    with transaction() as session:
        return erase_expired_forms(session, now=dependencies.clock())


def with_employee(raw: Mapping[str, str], employee: Employee) -> dict[str, str]:
    """The form with the roster's identity in it, whatever the page sent."""
    return {
        **raw,
        "name": employee.name,
        "id_type": employee.id_type.value,
        "id_number": employee.id_number,
        "phone": employee.phone,
    }


def _letter(dependencies: Dependencies, row: PreparedReservation, number: int) -> Letter:
    view = view_of_prepared(dependencies, row)
    facts = {
        "enterprise": view.enterprise,
        "district": dependencies.policy.district.name,
        "url": view.link,
        "deadline": format_second(row.expires_at)[:16],
    }
    text = dependencies.gateways.wording.text("message.reservation_prepared", **facts)
    return Letter(
        event=f"prepared:{row.id}:{number}",
        recipient=f"employee:{row.employee_id}",
        channel=Channel.SMS,
        kind=NotificationKind.RESERVATION_PREPARED,
        address=row.employee.phone,
        content={"text": text, "facts": facts},
        not_after=row.expires_at,
        recipient_name=row.employee.name,
        recipient_unit=view.enterprise,
    )


def _employee(session: Session, scope: Scope, public_id: str) -> Employee:
    employee = find_employee(session, scope, public_id)
    if employee is None or employee.removed_at is not None:
        raise NotFound
    return employee


def _get(session: Session, scope: Scope, public_id: str) -> PreparedReservation:
    row = find_prepared(session, scope, public_id, is_to_change=True)
    if row is None:
        raise NotFound
    return row


def _waiting(
    session: Session, dependencies: Dependencies, scope: Scope, public_id: str
) -> PreparedReservation:
    row = _get(session, scope, public_id)
    is_removed = row.employee.removed_at is not None
    if is_removed or standing_of(row, dependencies.clock()) is not PreparedStanding.WAITING:
        raise Conflict
    return row


def _audit(
    session: Session, row: PreparedReservation, action: str, *, actor: Actor, now: datetime
) -> None:
    session.flush()
    record(
        session,
        actor,
        action,
        about=("prepared_reservation", row.id),
        now=now,
        details={"employee_id": row.employee_id, "enterprise_id": row.enterprise_id},
    )
