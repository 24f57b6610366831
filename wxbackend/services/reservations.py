"""A driver's reservations: submitting, correcting, cancelling and moving them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import IntegrityError, Session, reading, transaction
from models.drafts import delete_draft, set_reservation_images
from models.identity_checks import supersede_checks
from models.pass_codes import move_expiry, retire_pass_code
from models.places import find_checkpoint_by_poster, list_checkpoints, list_towns
from models.reservations import (
    Passenger,
    Reservation,
    expire_reservations,
    find_reservation,
    find_submission,
    move_reservation,
)
from wxbackend.domain.actors import Actor, system_actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.moments import parse_local_minute
from wxbackend.domain.reservation import IdentityAssurance, ReservationState
from wxbackend.domain.reservation_form import (
    FormRules,
    PassengerRequest,
    ReservationRequest,
    check_arrival,
    parse_form,
)
from wxbackend.domain.scope import DriverScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.drafts import NEW, images_for_reservation
from wxbackend.services.passage_letters import enqueue_reservation_letter
from wxbackend.services.passes import issue_pass


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


def submit(
    dependencies: Dependencies,
    scope: DriverScope,
    raw: Mapping[str, str],
    *,
    submission_key: str,
    actor: Actor,
) -> Submitted:
    """Make the reservation of this form; the same key gets the reservation it made before.

    Raises: InvalidForm.
    """
    with reading() as session:
        twin = find_submission(session, scope, scope.wechat_user_id, submission_key)
        if twin is not None:
            return _submitted(twin)
    request = parse_form(raw, _rules(dependencies))
    try:
        return _create(dependencies, scope, request, submission_key, actor)
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
) -> Submitted:
    """Write the corrected form into a reservation whose identity is not proved yet.

    Raises: InvalidForm, NotFound, Conflict.
    """
    request = parse_form(raw, _rules(dependencies))
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
        _write(session, dependencies, reservation, request)
        images = images_for_reservation(session, scope, public_id)
        if images is not None:
            set_reservation_images(session, reservation.id, images)
        _accept_unchecked(session, dependencies, reservation, now=now)
        delete_draft(session, scope, public_id)
        record(
            session, actor, "correct_reservation", about=("reservation", reservation.id), now=now
        )
        return _submitted(reservation)


def _create(
    dependencies: Dependencies,
    scope: DriverScope,
    request: ReservationRequest,
    submission_key: str,
    actor: Actor,
) -> Submitted:
    now = dependencies.clock()
    with transaction() as session:
        reservation = Reservation(
            wechat_user_id=scope.wechat_user_id,
            submission_key=submission_key,
            state=ReservationState.PENDING_IDENTITY,
            created_at=now,
            state_changed_at=now,
        )
        _write(session, dependencies, reservation, request)
        session.add(reservation)
        session.flush()
        images = images_for_reservation(session, scope, NEW)
        set_reservation_images(session, reservation.id, images or {})
        _accept_unchecked(session, dependencies, reservation, now=now)
        delete_draft(session, scope, NEW)
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
    rules = _rules(dependencies)
    arrival_at = rules.now
    try:
        arrival_at = parse_local_minute(arrival_text)
        check_arrival(arrival_at, now=rules.now, bookable_ahead=rules.bookable_ahead)
    except InvalidValue as error:
        errors["arrival_at"] = error
    is_known = checkpoint_text.isdecimal() and int(checkpoint_text) in rules.checkpoint_ids
    if not is_known:
        errors["checkpoint"] = InvalidValue("choice.unknown")
    if errors:
        raise InvalidForm(errors)
    return arrival_at, int(checkpoint_text)


def expire_overdue_reservations(dependencies: Dependencies, *, limit: int) -> int:
    """End what nobody came for. A scan made just before the end may still be decided on."""
    now = dependencies.clock()
    with transaction() as session:
        expired = expire_reservations(
            session,
            ended_before=now - dependencies.policy.gate.scan_fresh_for,
            now=now,
            limit=limit,
        )
        for reservation_id in expired:
            retire_pass_code(session, reservation_id)
            supersede_checks(session, reservation_id, now=now)
            about = ("reservation", reservation_id)
            record(session, system_actor("expiry"), "expire_reservation", about=about, now=now)
    return len(expired)


def _get(session: Session, scope: DriverScope, public_id: str) -> Reservation:
    reservation = find_reservation(session, scope, public_id)
    if reservation is None:
        raise NotFound
    return reservation


def _rules(dependencies: Dependencies) -> FormRules:
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
    enqueue_reservation_letter(session, dependencies, reservation, now=now)


def _write(
    session: Session,
    dependencies: Dependencies,
    reservation: Reservation,
    request: ReservationRequest,
) -> None:
    """Put the checked form into the row."""
    document = request.document
    reservation.name = request.name
    reservation.id_type = document.type
    reservation.id_number = reservation.id_number_hash = document.number
    reservation.id_number_tail_hash = document.number
    reservation.phone = reservation.phone_hash = reservation.phone_tail_hash = request.phone
    for name in _PLAIN_FIELDS:
        setattr(reservation, name, getattr(request, name))
    reservation.expires_at = (
        request.arrival_at + dependencies.policy.reservation.valid_after_arrival
    )
    reservation.identity = (
        IdentityAssurance.PENDING
        if document.can_be_checked_online
        else IdentityAssurance.NOT_CHECKABLE
    )
    if reservation.passengers:
        reservation.passengers = []
        session.flush()  # the old rows go before new ones take their positions
    reservation.passengers = [
        _passenger(position, passenger)
        for position, passenger in enumerate(request.passengers, start=1)
    ]


_PLAIN_FIELDS = (
    "plate_number",
    "vehicle_type",
    "trailer_plate",
    "enterprise_name",
    "origin",
    "via",
    "destination_town_id",
    "destination_address",
    "checkpoint_id",
    "arrival_at",
    "cargo",
    "health_code",
    "high_risk_travel",
    "symptoms",
)


def _passenger(position: int, request: PassengerRequest) -> Passenger:
    return Passenger(
        position=position,
        name=request.name,
        id_type=request.document.type,
        id_number=request.document.number,
        id_number_hash=request.document.number,
        phone=request.phone,
        phone_hash=request.phone,
    )


def checkpoint_of_poster(poster_key: str) -> int:
    """The checkpoint whose poster carries this key. Raises: NotFound."""
    with reading() as session:
        checkpoint = find_checkpoint_by_poster(session, poster_key)
        if checkpoint is None:
            raise NotFound
        return checkpoint.id
