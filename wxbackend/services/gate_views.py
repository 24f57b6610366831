"""What the gate's pages show: one scan in full, the day's passages, a driver's details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import Session, reading, transaction
from models.drafts import list_reservation_images
from models.passages import (
    Passage,
    Scan,
    count_passages,
    find_own_scan,
    find_passage_of,
    list_passages,
)
from models.places import list_denial_reasons
from models.reservations import Passenger, Reservation
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import NotFound
from wxbackend.domain.gate import (
    Assessment,
    GateFindings,
    Levels,
    PersonFindings,
    Remark,
    ScanOutcome,
    assess,
    declared_remarks,
)
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ImageKind,
    VehicleType,
    Verdict,
)
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.drafts import read_image_file
from wxbackend.services.findings import from_json
from wxbackend.services.scans import Guard
from wxbackend.services.visitors import Member

_ANYWHERE = DistrictScope()


@dataclass(frozen=True, slots=True)
class PersonOnPage:
    """A driver or passenger with full number, to compare with the document in the hand."""

    name: str
    id_type: IdType
    id_number: str
    findings: PersonFindings


@dataclass(frozen=True, slots=True)
class UsedBy:
    """By whom, where and when a code was used up; for staff only."""

    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str
    staff: str


@dataclass(frozen=True, slots=True)
class ScanPage:
    public_id: str
    outcome: ScanOutcome
    scanned_at: datetime
    fresh_seconds: int  # until the scan must be brought up to date before a decision
    plate_number: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    people: tuple[PersonOnPage, ...]
    enterprise_name_typed: str
    findings: GateFindings
    assessment: Assessment
    declared: tuple[Remark, ...]
    levels: Levels
    identity: IdentityAssurance
    arrival_at: datetime
    expected_checkpoint: str
    is_other_checkpoint: bool
    is_early: bool
    register_is_old: bool
    used_by: UsedBy | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DriverDetail:
    """司机详情: enterprise, reservation and the health information that was uploaded."""

    plate_number: str
    name: str
    phone_masked: str
    enterprise_names: tuple[str, ...]
    enterprise_name_typed: str
    origin: str
    via: str
    town: str
    destination_address: str
    checkpoint: str
    arrival_at: datetime
    created_at: datetime
    cargo: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    images: Mapping[ImageKind, str]


@dataclass(frozen=True, slots=True)
class PassageRow:
    id: int
    plate_number: str
    driver_name: str
    verdict: Verdict
    reason: str
    decided_at: datetime
    staff: str


@dataclass(frozen=True, slots=True)
class PassageDay:
    """Passages of one checkpoint on one local day."""

    counts: Mapping[Verdict, int]
    rows: Sequence[PassageRow]
    next_before: int | None


# An arrival is worth a remark on the page when it is this much before the planned one.
_EARLY_BY = timedelta(hours=2)


def show_scan(dependencies: Dependencies, guard: Guard, public_id: str) -> ScanPage:
    """Raises: NotFound for a scan that is not of this member of staff and shift."""
    now, policy = dependencies.clock(), dependencies.policy.gate
    with reading() as session:
        scan, reservation = _own_scan(session, guard, public_id)
        passage = find_passage_of(session, _ANYWHERE, reservation.id)
        findings = from_json(scan.findings)
        until = findings.nucleic_data_until
        return ScanPage(
            public_id=scan.public_id,
            outcome=ScanOutcome.USED if passage else scan.outcome,
            scanned_at=scan.scanned_at,
            fresh_seconds=int((scan.scanned_at + policy.scan_fresh_for - now).total_seconds()),
            plate_number=reservation.plate_number,
            vehicle_type=reservation.vehicle_type,
            trailer_plate=reservation.trailer_plate,
            people=_people(reservation, findings),
            enterprise_name_typed=reservation.enterprise_name,
            findings=findings,
            assessment=assess(findings, policy.levels),
            declared=declared_remarks(findings.declaration, policy.levels),
            levels=policy.levels,
            identity=findings.identity,
            arrival_at=reservation.arrival_at,
            expected_checkpoint=reservation.checkpoint.name,
            is_other_checkpoint=reservation.checkpoint_id != guard.member.checkpoint_id,
            is_early=scan.scanned_at < reservation.arrival_at - _EARLY_BY,
            register_is_old=until is not None
            and scan.scanned_at - until > policy.register_fresh_for,
            used_by=_used_by(passage) if passage else None,
            expires_at=reservation.expires_at,
        )


def show_driver_detail(
    dependencies: Dependencies, guard: Guard, public_id: str, *, actor: Actor
) -> DriverDetail:
    """The look is audited. Raises: NotFound."""
    with transaction() as session:
        scan, reservation = _shown_scan(session, guard, public_id)
        record(
            session,
            actor,
            "view_driver_detail",
            about=("reservation", reservation.id),
            now=dependencies.clock(),
        )
        findings = from_json(scan.findings)
        images = list_reservation_images(session, reservation.id)
        return DriverDetail(
            plate_number=reservation.plate_number,
            name=reservation.name,
            phone_masked=mask_phone(reservation.phone),
            enterprise_names=tuple(match.enterprise_name for match in findings.roster),
            enterprise_name_typed=reservation.enterprise_name,
            origin=reservation.origin,
            via=reservation.via,
            town=reservation.destination_town.name,
            destination_address=reservation.destination_address,
            checkpoint=reservation.checkpoint.name,
            arrival_at=reservation.arrival_at,
            created_at=reservation.created_at,
            cargo=reservation.cargo,
            vehicle_type=reservation.vehicle_type,
            trailer_plate=reservation.trailer_plate,
            health_code=reservation.health_code,
            high_risk_travel=reservation.high_risk_travel,
            symptoms=reservation.symptoms,
            images={kind: image.public_id for kind, image in images.items()},
        )


def read_scan_image(
    dependencies: Dependencies, guard: Guard, public_id: str, image_id: str
) -> bytes:
    """A picture of the scanned reservation. Raises: NotFound."""
    with reading() as session:
        _, reservation = _shown_scan(session, guard, public_id)
        images = list_reservation_images(session, reservation.id)
        if image_id not in {image.public_id for image in images.values()}:
            raise NotFound
    return read_image_file(dependencies, image_id)


def passages_of_day(
    dependencies: Dependencies, member: Member, *, limit: int, before_id: int | None = None
) -> PassageDay:
    """Today's passages of the member's own checkpoint, newest first."""
    start, end = day_bounds(local_day(dependencies.clock()))
    with reading() as session:
        counts = count_passages(session, member.scope, start=start, end=end)
        rows = list_passages(
            session, member.scope, start=start, end=end, limit=limit + 1, before_id=before_id
        )
        page = [_row(passage) for passage in rows[:limit]]
    return PassageDay(counts, page, page[-1].id if len(rows) > limit else None)


def denial_reasons() -> list[tuple[int, str]]:
    with reading() as session:
        return [(row.id, row.wording) for row in list_denial_reasons(session)]


def _own_scan(session: Session, guard: Guard, public_id: str) -> tuple[Scan, Reservation]:
    scan = find_own_scan(
        session, public_id, account_id=guard.account_id, since=guard.shift.started_at
    )
    if scan is None or scan.reservation is None:
        raise NotFound
    return scan, scan.reservation


def _shown_scan(session: Session, guard: Guard, public_id: str) -> tuple[Scan, Reservation]:
    """A scan that showed the driver; that of a used or ended code tells nothing about them."""
    scan, reservation = _own_scan(session, guard, public_id)
    if scan.outcome is not ScanOutcome.SHOWN:
        raise NotFound
    return scan, reservation


def _people(reservation: Reservation, findings: GateFindings) -> tuple[PersonOnPage, ...]:
    persons: list[Reservation | Passenger] = [reservation, *reservation.passengers]
    return tuple(
        PersonOnPage(person.name, person.id_type, person.id_number, found)
        for person, found in zip(persons, findings.people, strict=True)
    )


def _used_by(passage: Passage) -> UsedBy:
    return UsedBy(
        passage.verdict,
        passage.reason,
        passage.decided_at,
        passage.checkpoint.name,
        passage.account.display_name,
    )


def _row(passage: Passage) -> PassageRow:
    return PassageRow(
        passage.id,
        passage.reservation.plate_number,
        passage.reservation.name,
        passage.verdict,
        passage.reason,
        passage.decided_at,
        passage.account.display_name,
    )
