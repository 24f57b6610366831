"""代预约 as the driver meets it: opening the link, and submitting what the lead filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import Session, reading, transaction
from models.drafts import Draft, find_draft
from models.prepared_reservations import (
    PreparedReservation,
    PreparedState,
    find_prepared_by_token,
)
from models.reservations import find_submission
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, NotFound
from wxbackend.domain.pass_codes import parse_token
from wxbackend.domain.prepared import as_typed, merge, open_fields, submission_key_of
from wxbackend.domain.scope import DriverScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.fixed_parts import fixed_of_prepared
from wxbackend.services.prepared_views import hash_of_token
from wxbackend.services.reservations import Submitted, submit


class PreparedFinished(Conflict):
    """Somebody has finished the form: the driver, on another phone or before."""

    code = "prepared_finished"


class PreparedEnded(Conflict):
    """Withdrawn, expired, or the driver is no longer on the roster."""

    code = "prepared_ended"


@dataclass(frozen=True, slots=True)
class OpenedForm:
    """`reservation_id` where this driver has submitted the form before."""

    subject: str
    reservation_id: str | None


def open_prepared(
    dependencies: Dependencies, scope: DriverScope, token: str, *, actor: Actor
) -> OpenedForm:
    """Copy the form into a draft of whoever holds the link, once; its identity stays behind.

    Raises: NotFound, PreparedFinished, PreparedEnded.
    """
    now = dependencies.clock()
    with transaction() as session:
        prepared = _find(session, token)
        found = _submission(session, scope, prepared)
        if found is not None:
            return OpenedForm(prepared.public_id, found)
        _must_wait(prepared, now)
        if find_draft(session, scope, prepared.public_id) is None:
            content = {"fields": open_fields(prepared.form or {}), "images": {}}
            session.add(
                Draft(
                    wechat_user_id=scope.wechat_user_id,
                    subject=prepared.public_id,
                    fields=content,
                    updated_at=now,
                )
            )
            about = ("prepared_reservation", prepared.id)
            record(session, actor, "open_prepared", about=about, now=now)
        return OpenedForm(prepared.public_id, None)


def submit_prepared(
    dependencies: Dependencies,
    scope: DriverScope,
    token: str,
    raw: Mapping[str, str],
    *,
    riding: Collection[int],
    actor: Actor,
) -> Submitted:
    """The reservation of the lead's form and what the driver added; twice is once.

    `riding` are the numbers of the lead's passengers who ride along.

    Raises: InvalidForm, NotFound, PreparedFinished, PreparedEnded.
    """
    with reading() as session:
        prepared = _find(session, token)
        if _submission(session, scope, prepared) is None:
            _must_wait(prepared, dependencies.clock())
        subject, fixed = prepared.public_id, fixed_of_prepared(prepared)
    try:
        return submit(
            dependencies,
            scope,
            merge(raw, fixed, riding),
            submission_key=submission_key_of(subject),
            subject=subject,
            actor=actor,
        )
    except InvalidForm as wrong:
        kept = [number for number in riding if number < len(fixed.passengers)]
        raise as_typed(wrong, raw, fixed_count=len(kept)) from None


def _find(session: Session, token: str) -> PreparedReservation:
    parsed = parse_token(token)
    prepared = find_prepared_by_token(session, hash_of_token(parsed)) if parsed else None
    if prepared is None:
        raise NotFound
    return prepared


def _submission(session: Session, scope: DriverScope, prepared: PreparedReservation) -> str | None:
    key = submission_key_of(prepared.public_id)
    row = find_submission(session, scope, scope.wechat_user_id, key)
    return row.public_id if row else None


def _must_wait(prepared: PreparedReservation, now: datetime) -> None:
    if prepared.state is PreparedState.FINISHED:
        raise PreparedFinished
    employee = prepared.employee
    is_over = (
        prepared.state is PreparedState.WITHDRAWN
        or prepared.expires_at <= now
        or employee.removed_at is not None
        or employee.enterprise.disabled_at is not None
    )
    if is_over:
        raise PreparedEnded
