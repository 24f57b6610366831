"""Reservations as their owners see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import Session, reading
from models.drafts import list_reservation_images
from models.identity_checks import IdentityCheckState, find_latest_check
from models.pass_codes import find_pass_code_of
from models.passages import Passage, find_passage_of, find_passages_of
from models.reservations import (
    Reservation,
    count_reservations,
    find_reservation,
    list_reservations,
)
from wxbackend.domain.errors import NotFound
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.reservation import (
    OPEN_STATES,
    HealthCode,
    IdentityAssurance,
    ImageKind,
    ReservationState,
    VehicleType,
    Verdict,
)
from wxbackend.domain.scope import DriverScope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.passes import ShownPass, show_pass


@dataclass(frozen=True, slots=True)
class PassengerView:
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str


@dataclass(frozen=True, slots=True)
class PassageView:
    """What a driver or lead learns of the decision."""

    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ReservationSummary:
    public_id: str
    state: ReservationState
    plate_number: str
    name: str
    arrival_at: datetime
    checkpoint: str
    town: str
    passage: PassageView | None


@dataclass(frozen=True, slots=True)
class ReservationDetail:
    """A reservation as its owner sees it; numbers masked."""

    summary: ReservationSummary
    created_at: datetime
    expires_at: datetime
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    enterprise_name: str
    origin: str
    via: str
    destination_address: str
    checkpoint_id: int
    cargo: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    identity: IdentityAssurance
    check_is_running: bool
    passengers: tuple[PassengerView, ...]
    images: Mapping[ImageKind, str]
    shown_pass: ShownPass | None


@dataclass(frozen=True, slots=True)
class ReservationList:
    rows: Sequence[ReservationSummary]
    count: int
    next_before: int | None


def list_own(
    dependencies: Dependencies, scope: DriverScope, *, limit: int, before_id: int | None = None
) -> ReservationList:
    """The driver's reservations, newest first."""
    now = dependencies.clock()
    with reading() as session:
        rows = list_reservations(session, scope, limit=limit + 1, before_id=before_id)
        page = rows[:limit]
        passages = find_passages_of(session, scope, [row.id for row in page])
        summaries = [summary_of(row, passages.get(row.id), now=now) for row in page]
        next_before = page[-1].id if len(rows) > limit else None
        return ReservationList(summaries, count_reservations(session, scope), next_before)


def show_own(dependencies: Dependencies, scope: DriverScope, public_id: str) -> ReservationDetail:
    """Raises: NotFound."""
    now = dependencies.clock()
    with reading() as session:
        reservation = find_reservation(session, scope, public_id)
        if reservation is None:
            raise NotFound
        passage = find_passage_of(session, scope, reservation.id)
        return _detail(session, dependencies, reservation, passage, now=now)


def state_at(reservation: Reservation, now: datetime) -> ReservationState:
    """The state as it is at this moment: what is over is expired before the sweep says so."""
    if reservation.state in OPEN_STATES and reservation.expires_at <= now:
        return ReservationState.EXPIRED
    return reservation.state


def summary_of(
    reservation: Reservation, passage: Passage | None, *, now: datetime
) -> ReservationSummary:
    return ReservationSummary(
        public_id=reservation.public_id,
        state=state_at(reservation, now),
        plate_number=reservation.plate_number,
        name=reservation.name,
        arrival_at=reservation.arrival_at,
        checkpoint=reservation.checkpoint.name,
        town=reservation.destination_town.name,
        passage=passage_view(passage) if passage else None,
    )


def passage_view(passage: Passage) -> PassageView:
    return PassageView(passage.verdict, passage.reason, passage.decided_at, passage.checkpoint.name)


def _detail(
    session: Session,
    dependencies: Dependencies,
    reservation: Reservation,
    passage: Passage | None,
    *,
    now: datetime,
) -> ReservationDetail:
    summary = summary_of(reservation, passage, now=now)
    check = find_latest_check(session, reservation.id)
    running = (
        check is not None and check.state is IdentityCheckState.STARTED and check.expires_at > now
    )
    images = list_reservation_images(session, reservation.id)
    return ReservationDetail(
        summary=summary,
        created_at=reservation.created_at,
        expires_at=reservation.expires_at,
        id_type=reservation.id_type,
        id_number_masked=mask_id_number(reservation.id_number),
        phone_masked=mask_phone(reservation.phone),
        vehicle_type=reservation.vehicle_type,
        trailer_plate=reservation.trailer_plate,
        enterprise_name=reservation.enterprise_name,
        origin=reservation.origin,
        via=reservation.via,
        destination_address=reservation.destination_address,
        checkpoint_id=reservation.checkpoint_id,
        cargo=reservation.cargo,
        health_code=reservation.health_code,
        high_risk_travel=reservation.high_risk_travel,
        symptoms=reservation.symptoms,
        identity=reservation.identity,
        check_is_running=running,
        passengers=tuple(
            PassengerView(
                passenger.name,
                passenger.id_type,
                mask_id_number(passenger.id_number),
                mask_phone(passenger.phone) if passenger.phone else "",
            )
            for passenger in reservation.passengers
        ),
        images={kind: image.public_id for kind, image in images.items()},
        shown_pass=_shown_pass(session, dependencies, reservation, summary.state),
    )


def _shown_pass(
    session: Session,
    dependencies: Dependencies,
    reservation: Reservation,
    state: ReservationState,
) -> ShownPass | None:
    if state is not ReservationState.RESERVED:
        return None
    code = find_pass_code_of(session, reservation.id)
    if code is None:
        return None
    keys = dependencies.gateways.keys
    return show_pass(keys, code, public_base_url=dependencies.public_base_url)
