"""Opening a code at the gate: what it shows is looked up, kept, and never uses the code up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.database import Session, reading, transaction
from models.employees import list_active_enterprises_of_person
from models.pass_codes import PassCode, find_pass_code, find_pass_code_of
from models.passages import Scan, count_unknown_codes, find_own_scan
from models.reservations import Reservation
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import NotFound, ProductError, TooMany
from wxbackend.domain.gate import (
    Declaration,
    GateFindings,
    PersonFindings,
    RosterMatch,
    ScanMeans,
    ScanOutcome,
)
from wxbackend.domain.moments import local_day
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding, classify_tests
from wxbackend.domain.pass_codes import ForeignCode, ScannedCode, ShortCode
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.scope import DistrictScope
from wxbackend.domain.vaccination import VaccinationClass, VaccinationFinding, count_doses
from wxbackend.gateways.interfaces.health import RegistryAnswer
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.findings import to_json
from wxbackend.services.shifts import OpenShift
from wxbackend.services.visitors import Member

# A truck comes from anywhere: whoever stands on shift may open any code that is held out to them.
_ANY_CODE = DistrictScope()
_OUTCOMES = {
    ReservationState.PASSED: ScanOutcome.USED,
    ReservationState.DENIED: ScanOutcome.USED,
    ReservationState.CANCELLED: ScanOutcome.CANCELLED,
    ReservationState.EXPIRED: ScanOutcome.EXPIRED,
}


class UnknownCode(ProductError):
    """The scanned text is no code of this system."""

    code = "unknown_code"


class TooManyUnknownCodes(TooMany):
    code = "too_many_unknown_codes"


@dataclass(frozen=True, slots=True)
class Guard:
    """Staff on shift: who looks, where, and during which shift."""

    member: Member
    shift: OpenShift

    @property
    def account_id(self) -> int:
        if self.member.account_id is None:
            raise LookupError("staff at the gate have an account")
        return self.member.account_id


@dataclass(frozen=True, slots=True)
class _Held:
    """A code's reservation, as far as the registers must be asked about it."""

    pass_code_id: int
    reservation_id: int
    outcome: ScanOutcome
    id_numbers: tuple[str, ...]
    findings_base: GateFindings


def open_code(
    dependencies: Dependencies,
    guard: Guard,
    code: ScannedCode,
    *,
    means: ScanMeans,
    actor: Actor,
) -> str:
    """Record the opening of a code and what it shows; the public id of the scan.

    Raises: UnknownCode, TooManyUnknownCodes. Both are recorded as well.
    """
    now = dependencies.clock()
    with reading() as session:
        _check_guessing(session, dependencies, guard, code, now)
        found = None if isinstance(code, ForeignCode) else find_pass_code(session, _ANY_CODE, code)
        held = _hold(session, found, now) if found else None
    if held is None:
        _record_unknown(dependencies, guard, code, means=means, actor=actor, now=now)
        raise UnknownCode
    return _look_and_record(dependencies, guard, held, means=means, actor=actor, now=now)


def reopen(dependencies: Dependencies, guard: Guard, public_id: str, *, actor: Actor) -> str:
    """A fresh scan of the code that an older scan of this shift opened; its public id.

    Raises: NotFound.
    """
    now = dependencies.clock()
    with reading() as session:
        scan = find_own_scan(
            session, public_id, account_id=guard.account_id, since=guard.shift.started_at
        )
        if scan is None or scan.reservation is None:
            raise NotFound
        code = find_pass_code_of(session, scan.reservation.id)
        if code is None:
            raise NotFound
        held = _hold(session, code, now)
    return _look_and_record(
        dependencies, guard, held, means=ScanMeans.REFRESH, actor=actor, now=now
    )


def _look_and_record(
    dependencies: Dependencies,
    guard: Guard,
    held: _Held,
    *,
    means: ScanMeans,
    actor: Actor,
    now: datetime,
) -> str:
    answer = dependencies.gateways.registry.look_up(
        held.id_numbers, timeout=dependencies.policy.gate.registry_timeout
    )
    findings = complete_findings(held.findings_base, held.id_numbers, answer, at=now)
    return _record_scan(guard, held, findings, means=means, actor=actor, now=now)


def complete_findings(
    base: GateFindings, id_numbers: tuple[str, ...], answer: RegistryAnswer, *, at: datetime
) -> GateFindings:
    """The findings with what the registers said about each person at that moment."""
    people = tuple(_findings_of(number, answer, at) for number in id_numbers)
    return GateFindings(
        roster=base.roster,
        people=people,
        declaration=base.declaration,
        identity=base.identity,
        nucleic_data_until=answer.tests_until,
    )


def _findings_of(id_number: str, answer: RegistryAnswer, at: datetime) -> PersonFindings:
    nucleic = NucleicAcidFinding(NucleicAcidClass.UNAVAILABLE)
    if answer.tests is not None:
        nucleic = classify_tests(answer.tests[id_number], at)
    doses = VaccinationFinding(VaccinationClass.UNAVAILABLE)
    if answer.vaccinations is not None:
        doses = count_doses(answer.vaccinations[id_number], local_day(at))
    return PersonFindings(nucleic, doses)


def _check_guessing(
    session: Session, dependencies: Dependencies, guard: Guard, code: ScannedCode, now: datetime
) -> None:
    """Typed codes are short: somebody who types wrong ones over and over is stopped (SEC-D07)."""
    policy = dependencies.policy.gate
    if not isinstance(code, ShortCode):
        return
    since = now - policy.unknown_codes_window
    if count_unknown_codes(session, guard.account_id, since=since) >= policy.most_unknown_codes:
        raise TooManyUnknownCodes(minutes=int(policy.unknown_codes_window.total_seconds() // 60))


def _hold(session: Session, code: PassCode, now: datetime) -> _Held:
    reservation = code.reservation
    return _Held(
        pass_code_id=code.id,
        reservation_id=reservation.id,
        outcome=outcome_of(reservation, code.expires_at, now),
        id_numbers=(
            reservation.id_number,
            *(passenger.id_number for passenger in reservation.passengers),
        ),
        findings_base=GateFindings(
            roster=_roster(session, reservation),
            people=(),
            declaration=_declaration(reservation),
            identity=reservation.identity,
            nucleic_data_until=None,
        ),
    )


def outcome_of(reservation: Reservation, expires_at: datetime, now: datetime) -> ScanOutcome:
    """What came of opening a code, by its reservation's state and its time."""
    outcome = _OUTCOMES.get(reservation.state, ScanOutcome.SHOWN)
    if outcome is ScanOutcome.SHOWN and now >= expires_at:
        return ScanOutcome.EXPIRED
    return outcome


def _declaration(reservation: Reservation) -> Declaration:
    return Declaration(reservation.health_code, reservation.high_risk_travel, reservation.symptoms)


def _roster(session: Session, reservation: Reservation) -> tuple[RosterMatch, ...]:
    enterprises = list_active_enterprises_of_person(session, reservation.id_number)
    return tuple(RosterMatch(row.id, row.name, row.town_id) for row in enterprises)


def _record_scan(
    guard: Guard,
    held: _Held,
    findings: GateFindings,
    *,
    means: ScanMeans,
    actor: Actor,
    now: datetime,
) -> str:
    with transaction() as session:
        scan = Scan(
            pass_code_id=held.pass_code_id,
            reservation_id=held.reservation_id,
            account_id=guard.account_id,
            checkpoint_id=guard.member.checkpoint_id,
            shift_id=guard.shift.id,
            scanned_at=now,
            means=means,
            outcome=held.outcome,
            findings=to_json(findings),
        )
        session.add(scan)
        session.flush()
        record(
            session,
            actor,
            "scan",
            about=("reservation", held.reservation_id),
            now=now,
            details={"outcome": held.outcome.value, "means": means.value, "scan": scan.id},
        )
        return scan.public_id


def _record_unknown(
    dependencies: Dependencies,
    guard: Guard,
    code: ScannedCode,
    *,
    means: ScanMeans,
    actor: Actor,
    now: datetime,
) -> None:
    """Only a keyed hash of the text is kept: it may be somebody's health code."""
    keyed_hash = dependencies.gateways.keys.keyed_hash(code.text, purpose="unknown_code")
    with transaction() as session:
        scan = Scan(
            account_id=guard.account_id,
            checkpoint_id=guard.member.checkpoint_id,
            shift_id=guard.shift.id,
            scanned_at=now,
            means=means,
            outcome=ScanOutcome.UNKNOWN,
            unknown_code_hash=keyed_hash,
        )
        session.add(scan)
        session.flush()
        record(
            session,
            actor,
            "scan",
            about=("scan", scan.id),
            now=now,
            succeeded=False,
            details={"outcome": "unknown", "means": means.value},
        )
