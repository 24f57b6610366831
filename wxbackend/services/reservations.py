"""A driver's reservations: submitting, correcting, cancelling and moving them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import IntegrityError, Session, reading, transaction
from models.drafts import delete_draft, set_reservation_images
from models.identity_checks import supersede_checks
from models.pass_codes import move_expiry, retire_pass_code
from models.places import find_checkpoint_by_poster, list_checkpoints, list_towns
from models.reservations import (
    Reservation,
    find_reservation,
    find_submission,
    move_reservation,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.form_checks import id_among
from wxbackend.domain.moments import parse_local_minute
from wxbackend.domain.prepared import as_typed, merge
from wxbackend.domain.reservation import IdentityAssurance, ReservationState
from wxbackend.domain.reservation_form import (
    FormRules,
    ReservationRequest,
    check_arrival,
    parse_form,
)
from wxbackend.domain.scope import DriverScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.drafts import NEW, images_for_reservation
from wxbackend.services.fixed_parts import fixed_of_reservation, is_unproved
from wxbackend.services.passage_letters import enqueue_reservation_letter
from wxbackend.services.passes import issue_pass
from wxbackend.services.prepared_finish import finish_prepared_form
from wxbackend.services.reservation_rows import write_request


@dataclass(frozen=True, slots=True)
class Place:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Submitted:
    public_id: str
    needs_identity_check: bool


def places() -> tuple[list[Place], list[Place]]:
    """The towns and the checkpoints that a form may name."""
    with reading() as session:
        towns = [Place(town.id, town.name) for town in list_towns(session)]
        checkpoints = [Place(point.id, point.name) for point in list_checkpoints(session)]
    return towns, checkpoints


def new_submission_key() -> str:
    """What a form sends along so that sending it twice makes one reservation."""
    return secrets.token_hex(16)


def is_submission_key(text: str) -> bool:
    """Whether a form may bring this key; those of 代预约 are given by the server alone."""
    return re.fullmatch(r"[0-9a-zA-Z]{1,40}", text) is not None


def submit(
    dependencies: Dependencies,
    scope: DriverScope,
    raw: Mapping[str, str],
    *,
    submission_key: str,
    actor: Actor,
    subject: str = NEW,
) -> Submitted:
    """Make the reservation of this form; the same key gets the reservation it made before.

    `subject` names the draft that the form was kept in.

    Raises: InvalidForm.
    """
    with reading() as session:
        twin = find_submission(session, scope, scope.wechat_user_id, submission_key)
        if twin is not None:
            return _submitted(twin)
    request = parse_form(raw, form_rules(dependencies))
    try:
        return _create(dependencies, scope, request, (submission_key, subject), actor)
    except IntegrityError:
        with reading() as session:  # the other tap was faster
            twin = find_submission(session, scope, scope.wechat_user_id, submission_key)
            if twin is None:
                raise
            return _submitted(twin)


def correct(
    dependencies: Dependencies,
    scope: DriverScope,
    public_id: str,
    raw: Mapping[str, str],
    *,
    actor: Actor,
    riding: Collection[int] = (),
) -> Submitted:
    """Write the corrected form into a reservation whose identity is not proved yet.

    Where a lead filled in who drives, that part stays; `riding` of its passengers ride along.

    Raises: InvalidForm, NotFound, Conflict.
    """
    request = _parse_correction(dependencies, scope, public_id, raw, riding)
    now = dependencies.clock()
    with transaction() as session:
        reservation = _get(session, scope, public_id)
        waiting = {ReservationState.PENDING_IDENTITY, ReservationState.IDENTITY_FAILED}
        if reservation.state not in waiting or reservation.expires_at <= now:
            raise Conflict
        # A check under way was for the old name and number.
        supersede_checks(session, reservation.id, now=now)
        if reservation.state is ReservationState.IDENTITY_FAILED:
            move_reservation(session, reservation.id, ReservationState.PENDING_IDENTITY, now=now)
            session.refresh(reservation)
        write_request(session, dependencies, reservation, request)
        images = images_for_reservation(session, scope, public_id)
        if images is not None:
            set_reservation_images(session, reservation.id, images)
        _accept_unchecked(session, dependencies, reservation, now=now)
        delete_draft(session, scope, public_id)
        record(
            session, actor, "correct_reservation", about=("reservation", reservation.id), now=now
        )
        return _submitted(reservation)


def _parse_correction(
    dependencies: Dependencies,
    scope: DriverScope,
    public_id: str,
    raw: Mapping[str, str],
    riding: Collection[int],
) -> ReservationRequest:
    with reading() as session:
        reservation = _get(session, scope, public_id)
        fixed = fixed_of_reservation(reservation) if is_unproved(reservation) else None
    if fixed is None:
        return parse_form(raw, form_rules(dependencies))
    try:
        return parse_form(merge(raw, fixed, riding), form_rules(dependencies))
    except InvalidForm as wrong:
        kept = [number for number in riding if number < len(fixed.passengers)]
        raise as_typed(wrong, raw, fixed_count=len(kept)) from None


def _create(
    dependencies: Dependencies,
    scope: DriverScope,
    request: ReservationRequest,
    keys: tuple[str, str],
    actor: Actor,
) -> Submitted:
    now, (submission_key, subject) = dependencies.clock(), keys
    with transaction() as session:
        reservation = Reservation(
            wechat_user_id=scope.wechat_user_id,
            submission_key=submission_key,
            state=ReservationState.PENDING_IDENTITY,
            created_at=now,
            state_changed_at=now,
        )
        write_request(session, dependencies, reservation, request)
        session.add(reservation)
        session.flush()
        images = images_for_reservation(session, scope, subject)
        set_reservation_images(session, reservation.id, images or {})
        _accept_unchecked(session, dependencies, reservation, now=now)
        delete_draft(session, scope, subject)
        record(session, actor, "submit_reservation", about=("reservation", reservation.id), now=now)
        return _submitted(reservation)


def cancel(dependencies: Dependencies, scope: DriverScope, public_id: str, *, actor: Actor) -> None:
    """Cancel an open reservation; cancelling it again changes nothing.

    Raises: NotFound, Conflict (it was decided or has expired).
    """
    now = dependencies.clock()
    with transaction() as session:
        reservation = _get(session, scope, public_id)
        if reservation.state is ReservationState.CANCELLED:
            return
        if not move_reservation(session, reservation.id, ReservationState.CANCELLED, now=now):
            raise Conflict
        retire_pass_code(session, reservation.id)
        supersede_checks(session, reservation.id, now=now)
        record(session, actor, "cancel_reservation", about=("reservation", reservation.id), now=now)


def change_arrival(
    dependencies: Dependencies,
    scope: DriverScope,
    public_id: str,
    *,
    arrival_text: str,
    checkpoint_text: str,
    actor: Actor,
) -> None:
    """Another time or checkpoint for a reservation that waits; its code and identity stay.

    Raises: InvalidForm, NotFound, Conflict.
    """
    now, policy = dependencies.clock(), dependencies.policy.reservation
    arrival_at, checkpoint_id = _parse_change(dependencies, arrival_text, checkpoint_text)
    with transaction() as session:
        reservation = _get(session, scope, public_id)
        movable = {ReservationState.RESERVED, ReservationState.PENDING_IDENTITY}
        if reservation.state not in movable or reservation.expires_at <= now:
            raise Conflict
        reservation.arrival_at = arrival_at
        reservation.checkpoint_id = checkpoint_id
        reservation.expires_at = arrival_at + policy.valid_after_arrival
        move_expiry(session, reservation.id, reservation.expires_at)
        record(session, actor, "change_arrival", about=("reservation", reservation.id), now=now)


def _parse_change(
    dependencies: Dependencies, arrival_text: str, checkpoint_text: str
) -> tuple[datetime, int]:
    errors: dict[str, InvalidValue] = {}
    rules = form_rules(dependencies)
    arrival_at = rules.now
    try:
        arrival_at = parse_local_minute(arrival_text)
        check_arrival(arrival_at, now=rules.now, bookable_ahead=rules.bookable_ahead)
    except InvalidValue as error:
        errors["arrival_at"] = error
    checkpoint_id = 0
    try:
        checkpoint_id = id_among(rules.checkpoint_ids)(checkpoint_text)
    except InvalidValue as error:
        errors["checkpoint"] = error
    if errors:
        raise InvalidForm(errors)
    return arrival_at, checkpoint_id


def _get(session: Session, scope: DriverScope, public_id: str) -> Reservation:
    reservation = find_reservation(session, scope, public_id)
    if reservation is None:
        raise NotFound
    return reservation


def form_rules(dependencies: Dependencies) -> FormRules:
    """What a form is checked against at this moment."""
    towns, checkpoints = places()
    policy = dependencies.policy.reservation
    return FormRules(
        now=dependencies.clock(),
        bookable_ahead=policy.bookable_ahead,
        most_passengers=policy.most_passengers,
        town_ids=frozenset(town.id for town in towns),
        checkpoint_ids=frozenset(point.id for point in checkpoints),
    )


def _submitted(reservation: Reservation) -> Submitted:
    waiting = {ReservationState.PENDING_IDENTITY, ReservationState.IDENTITY_FAILED}
    return Submitted(reservation.public_id, reservation.state in waiting)


def _accept_unchecked(
    session: Session, dependencies: Dependencies, reservation: Reservation, *, now: datetime
) -> None:
    """A document that 微警 does not know goes to the gate unchecked, and says so there."""
    if reservation.identity is not IdentityAssurance.NOT_CHECKABLE:
        return
    move_reservation(session, reservation.id, ReservationState.RESERVED, now=now)
    session.refresh(reservation)
    issue_pass(session, dependencies.gateways.keys, reservation, now=now)
    finish_prepared_form(session, reservation, now=now)
    enqueue_reservation_letter(session, dependencies, reservation, now=now)


def checkpoint_of_poster(poster_key: str) -> int:
    """The checkpoint whose poster carries this key. Raises: NotFound."""
    with reading() as session:
        checkpoint = find_checkpoint_by_poster(session, poster_key)
        if checkpoint is None:
            raise NotFound
        return checkpoint.id
