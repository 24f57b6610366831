"""经过: what happened to one reservation, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.identity_checks import IdentityCheck, IdentityCheckState
from models.passages import Passage, Scan
from models.reservations import Reservation
from wxbackend.domain.gate import ScanMeans, ScanOutcome
from wxbackend.domain.reservation import IdentityAssurance, ReservationState, Verdict
from wxbackend.services.corrections import CorrectionView


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` is its wording under `story`; `who` is a member of staff."""

    at: datetime
    kind: str
    who: str = ""
    where: str = ""
    note: str = ""
    verdict: Verdict | None = None

    def without_name(self) -> Step:
        return replace(self, who="")


def story_of(
    reservation: Reservation,
    state: ReservationState,
    checks: Sequence[IdentityCheck],
    scans: Sequence[Scan],
    passage: Passage | None,
    corrections: Sequence[CorrectionView],
) -> tuple[Step, ...]:
    """Oldest first. A refreshed page of the same scan is no step of its own."""
    unchecked = reservation.identity is IdentityAssurance.NOT_CHECKABLE
    steps = [Step(reservation.created_at, "submitted_unchecked" if unchecked else "submitted")]
    steps += [_check(row) for row in checks]
    steps += [_scan(row) for row in scans if row.means is not ScanMeans.REFRESH]
    steps += [_decision(passage)] if passage else []
    steps += [_correction(row) for row in corrections]
    steps += _end(reservation, state)
    return tuple(sorted(steps, key=lambda step: step.at))


def _check(row: IdentityCheck) -> Step:
    passed = row.state is IdentityCheckState.PASSED
    return Step(row.settled_at or row.requested_at, "identified" if passed else "not_identified")


def _scan(row: Scan) -> Step:
    kind = "scanned" if row.outcome is ScanOutcome.SHOWN else f"scanned_{row.outcome.value}"
    return Step(row.scanned_at, kind, row.account.display_name, row.checkpoint.name)


def _decision(passage: Passage) -> Step:
    return Step(
        passage.decided_at,
        "decided",
        passage.account.display_name,
        passage.checkpoint.name,
        passage.reason,
        passage.verdict,
    )


def _correction(row: CorrectionView) -> Step:
    return Step(row.created_at, "corrected", row.author, "", row.reason, row.verdict)


def _end(reservation: Reservation, state: ReservationState) -> list[Step]:
    """Cancelled by the driver, or over: at the moment its time ended, not when that was noticed."""
    if state is ReservationState.CANCELLED:
        return [Step(reservation.state_changed_at, "cancelled")]
    if state is ReservationState.EXPIRED:
        return [Step(reservation.expires_at, "expired")]
    return []
