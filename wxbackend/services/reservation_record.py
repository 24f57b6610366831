"""One reservation in full for the office: declared, seen at the gate, decided, told, corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import Session
from models.drafts import list_reservation_images
from models.employees import find_own_numbers
from models.identity_checks import list_settled_checks
from models.passages import Passage, Scan, find_passage_of, list_scans_of
from models.reservations import Passenger, Reservation
from wxbackend.domain.gate import GateFindings, Levels, PersonFindings, ScanOutcome
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ImageKind,
    ReservationState,
    VehicleType,
    Verdict,
)
from wxbackend.domain.scope import EnterpriseScope, Scope
from wxbackend.services.corrections import CorrectionView, corrections_of
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.findings import from_json
from wxbackend.services.passage_story import Step, story_of
from wxbackend.services.reservation_views import state_at
from wxbackend.services.sent_letters import SentLetter, letters_about

Person = Reservation | Passenger


@dataclass(frozen=True, slots=True)
class PersonView:
    """`key` names the person in 【显示】: `driver`, `passenger-1`."""

    key: str
    name: str
    id_type: IdType
    id_number_masked: str
    phone_masked: str
    may_reveal: bool
    findings: PersonFindings | None


@dataclass(frozen=True, slots=True)
class Declared:
    """What the driver filled in; words as they were typed."""

    created_at: datetime
    arrival_at: datetime
    vehicle_type: VehicleType | None
    trailer_plate: str
    enterprise_name: str
    origin: str
    via: str
    town: str
    destination_address: str
    checkpoint: str
    cargo: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    images: Mapping[ImageKind, str]


@dataclass(frozen=True, slots=True)
class SeenAtGate:
    """What a scan showed, and shows for good: the deciding one, or the latest before."""

    scanned_at: datetime
    is_deciding: bool
    enterprises: tuple[str, ...]
    findings: GateFindings
    register_is_old: bool


@dataclass(frozen=True, slots=True)
class PassageRecord:
    verdict: Verdict
    reason: str
    decided_at: datetime
    checkpoint: str
    staff: str  # empty for a lead


@dataclass(frozen=True, slots=True)
class ReservationRecord:
    """Everything about one reservation, numbers masked; `corrections` oldest first."""

    public_id: str
    state: ReservationState
    plate_number: str
    identity: IdentityAssurance
    identity_checked_at: datetime | None
    declared: Declared
    driver: PersonView
    passengers: tuple[PersonView, ...]
    passage: PassageRecord | None
    corrections: tuple[CorrectionView, ...]
    seen: SeenAtGate | None
    letters: tuple[SentLetter, ...]
    story: tuple[Step, ...]
    levels: Levels


def build_record(
    session: Session, dependencies: Dependencies, scope: Scope, reservation: Reservation
) -> ReservationRecord:
    """The record of a reservation that was found inside the scope."""
    passage = find_passage_of(session, scope, reservation.id)
    scans = list_scans_of(session, reservation.id)
    checks = list_settled_checks(session, reservation.id)
    corrections = _corrections(session, scope, passage)
    seen = _seen(dependencies, scope, passage, scans)
    driver, *passengers = _views(session, scope, reservation, seen)
    state = state_at(reservation, dependencies.clock())
    steps = story_of(reservation, state, checks, scans, passage, corrections)
    return ReservationRecord(
        public_id=reservation.public_id,
        state=state,
        plate_number=reservation.plate_number,
        identity=reservation.identity,
        identity_checked_at=checks[-1].settled_at if checks else None,
        declared=_declared(session, reservation),
        driver=driver,
        passengers=tuple(passengers),
        passage=_passage(scope, passage) if passage else None,
        corrections=corrections,
        seen=seen,
        letters=letters_about(session, scope, passage) if passage else (),
        story=tuple(step if _names_staff(scope) else step.without_name() for step in steps),
        levels=dependencies.policy.gate.levels,
    )


def people_of(reservation: Reservation) -> dict[str, Person]:
    """The driver and the passengers by their keys."""
    passengers = {f"passenger-{one.position}": one for one in reservation.passengers}
    return {"driver": reservation, **passengers}


def revealable(session: Session, scope: Scope, people: Iterable[Person]) -> set[str]:
    """Whose numbers may be asked for in clear: a lead's, of those on their own rosters today."""
    numbers = {person.id_number for person in people}
    if isinstance(scope, EnterpriseScope):
        return find_own_numbers(session, scope, numbers)
    return numbers


def _names_staff(scope: Scope) -> bool:
    """Who stood at the gate or corrected is for the authorities, not for enterprises."""
    return not isinstance(scope, EnterpriseScope)


def _views(
    session: Session, scope: Scope, reservation: Reservation, seen: SeenAtGate | None
) -> list[PersonView]:
    people = people_of(reservation)
    open_to_all = revealable(session, scope, people.values())
    findings = list(seen.findings.people) if seen else []
    return [
        PersonView(
            key=key,
            name=person.name,
            id_type=person.id_type,
            id_number_masked=mask_id_number(person.id_number),
            phone_masked=mask_phone(person.phone) if person.phone else "",
            may_reveal=person.id_number in open_to_all,
            findings=findings[number] if number < len(findings) else None,
        )
        for number, (key, person) in enumerate(people.items())
    ]


def _declared(session: Session, reservation: Reservation) -> Declared:
    images = list_reservation_images(session, reservation.id)
    return Declared(
        created_at=reservation.created_at,
        arrival_at=reservation.arrival_at,
        vehicle_type=reservation.vehicle_type,
        trailer_plate=reservation.trailer_plate,
        enterprise_name=reservation.enterprise_name,
        origin=reservation.origin,
        via=reservation.via,
        town=reservation.destination_town.name,
        destination_address=reservation.destination_address,
        checkpoint=reservation.checkpoint.name,
        cargo=reservation.cargo,
        health_code=reservation.health_code,
        high_risk_travel=reservation.high_risk_travel,
        symptoms=reservation.symptoms,
        images={kind: image.public_id for kind, image in images.items()},
    )


def _seen(
    dependencies: Dependencies, scope: Scope, passage: Passage | None, scans: Sequence[Scan]
) -> SeenAtGate | None:
    shown = [scan for scan in scans if scan.outcome is ScanOutcome.SHOWN and scan.findings]
    if passage is not None:
        shown = [scan for scan in shown if scan.id == passage.scan_id]
    if not shown:
        return None
    scan = shown[-1]
    findings = from_json(scan.findings)
    until = findings.nucleic_data_until
    oldest = scan.scanned_at - dependencies.policy.gate.register_fresh_for
    return SeenAtGate(
        scanned_at=scan.scanned_at,
        is_deciding=passage is not None,
        enterprises=tuple(
            match.enterprise_name
            for match in findings.roster
            if not isinstance(scope, EnterpriseScope) or match.enterprise_id in scope.enterprise_ids
        ),
        findings=findings,
        register_is_old=until is not None and until < oldest,
    )


def _passage(scope: Scope, passage: Passage) -> PassageRecord:
    return PassageRecord(
        passage.verdict,
        passage.reason,
        passage.decided_at,
        passage.checkpoint.name,
        passage.account.display_name if _names_staff(scope) else "",
    )


def _corrections(
    session: Session, scope: Scope, passage: Passage | None
) -> tuple[CorrectionView, ...]:
    if passage is None:
        return ()
    return corrections_of(session, scope, [passage.id]).get(passage.id, ())
