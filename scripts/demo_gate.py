"""The gate's part of the demo's history: shifts, scans with what they showed, passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.bulk import add_rows, add_rows_with_ids
from models.corrections import Correction
from models.database import Session
from models.passages import Passage, PassageEnterprise, Scan
from models.shifts import Shift
from scripts.demo_ground import Ground
from scripts.demo_plan import Decided, Journey, identity_of
from scripts.sample_words import words
from wxbackend.domain.gate import (
    Declaration,
    GateFindings,
    PersonFindings,
    RosterMatch,
    ScanMeans,
    ScanOutcome,
)
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.nucleic_acid import (
    NucleicAcidClass,
    NucleicAcidFinding,
    NucleicAcidResult,
    NucleicAcidTest,
)
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.vaccination import VaccinationClass, VaccinationFinding
from wxbackend.services.findings import to_json

_AGES = {  # hours of the newest test at the gate
    NucleicAcidClass.NEGATIVE_24H: (2, 23),
    NucleicAcidClass.NEGATIVE_48H: (25, 47),
    NucleicAcidClass.NEGATIVE_72H: (49, 71),
    NucleicAcidClass.NEGATIVE_7D: (73, 160),
    NucleicAcidClass.OLDER: (180, 500),
}
_DOSES = (
    VaccinationClass.NONE,
    VaccinationClass.ONE,
    VaccinationClass.TWO,
    VaccinationClass.THREE_OR_MORE,
)
_SHIFT = timedelta(hours=12)
_MEANS = {ScanMeans.LINK: 6, ScanMeans.SCANNER: 3, ScanMeans.SHORT_CODE: 1}
_CORRECTED_AFTER = timedelta(minutes=55)

Made = Sequence[tuple[Journey, int]]
"""Journeys with the ids of their reservations, or of their passages."""


def add_passages(
    session: Session, ground: Ground, random: Random, made: Made, code_ids: Mapping[int, int]
) -> Made:
    """Scans and passages of those who came; journeys with the ids of their passages."""
    came = [(one, number, one.decided) for one, number in made if one.decided is not None]
    came.sort(key=lambda row: row[2].at)
    shifts = _add_shifts(session, ground, [(one, decided) for one, _, decided in came])
    scans = [
        {
            "pass_code_id": code_ids[number],
            "reservation_id": number,
            **_where(ground, shifts, one, decided),
            "scanned_at": decided.at - timedelta(seconds=random.randint(8, 70)),
            "means": random.choices(list(_MEANS), list(_MEANS.values()))[0],
            "outcome": ScanOutcome.SHOWN,
            "findings": to_json(_findings(ground, random, one, decided)),
        }
        for one, number, decided in came
    ]
    scan_ids = add_rows_with_ids(session, Scan, scans)
    passages = [
        {
            "reservation_id": scan["reservation_id"],
            "pass_code_id": scan["pass_code_id"],
            "scan_id": scan_id,
            "request_id": f"{random.getrandbits(128):032x}",
            "verdict": Verdict.DENIED if decided.reason else Verdict.ALLOWED,
            "reason": decided.reason,
            "decided_at": decided.at,
            "account_id": scan["account_id"],
            "checkpoint_id": scan["checkpoint_id"],
        }
        for (_, _, decided), scan, scan_id in zip(came, scans, scan_ids, strict=True)
    ]
    passage_ids = add_rows_with_ids(session, Passage, passages)
    told = [(one, number) for (one, _, _), number in zip(came, passage_ids, strict=True)]
    add_rows(session, PassageEnterprise, _matched(ground, told))
    return told


def roster_of(ground: Ground, journey: Journey) -> tuple[RosterMatch, ...]:
    return tuple(ground.matches[code] for code in journey.trucker.credit_codes)


def _matched(ground: Ground, told: Made) -> list[dict[str, Any]]:
    return [
        {
            "passage_id": passage_id,
            "enterprise_id": match.enterprise_id,
            "enterprise_name": match.enterprise_name,
            "town_id": match.town_id,
        }
        for journey, passage_id in told
        for match in roster_of(ground, journey)
    ]


# ---- who stood there ---------------------------------------------------------------------------

_Shifts = Mapping[tuple[int, datetime], int]


def _half_day(at: datetime) -> datetime:
    """When the shift of this moment began: at seven in the morning or in the evening."""
    start, _ = day_bounds(local_day(at - timedelta(hours=7)))
    begins = start + timedelta(hours=7)
    return begins if at < begins + _SHIFT else begins + _SHIFT


def _add_shifts(
    session: Session, ground: Ground, came: Sequence[tuple[Journey, Decided]]
) -> _Shifts:
    keys = sorted(
        {(ground.checkpoint_ids[one.checkpoint], _half_day(decided.at)) for one, decided in came}
    )
    rows = [
        {
            "account_id": ground.staff[checkpoint_id].id,
            "checkpoint_id": checkpoint_id,
            "started_at": begins,
            "ends_at": begins + _SHIFT,
            "ended_at": min(begins + _SHIFT, ground.now),
        }
        for checkpoint_id, begins in keys
    ]
    return dict(zip(keys, add_rows_with_ids(session, Shift, rows), strict=True))


def _where(ground: Ground, shifts: _Shifts, journey: Journey, decided: Decided) -> dict[str, int]:
    checkpoint_id = ground.checkpoint_ids[journey.checkpoint]
    return {
        "account_id": ground.staff[checkpoint_id].id,
        "checkpoint_id": checkpoint_id,
        "shift_id": shifts[checkpoint_id, _half_day(decided.at)],
    }


# ---- what they saw -----------------------------------------------------------------------------


def _findings(ground: Ground, random: Random, journey: Journey, decided: Decided) -> GateFindings:
    driver = _person(random, decided.at, decided.nucleic_acid, decided.doses)
    others = [
        _person(random, decided.at, NucleicAcidClass.NEGATIVE_24H, random.choice((2, 3)))
        for _ in journey.passengers
    ]
    return GateFindings(
        roster=roster_of(ground, journey),
        people=(driver, *others),
        declaration=Declaration(journey.health_code, journey.high_risk_travel, journey.symptoms),
        identity=identity_of(journey),
        nucleic_data_until=decided.at - timedelta(hours=random.randint(1, 12)),
    )


def _person(random: Random, at: datetime, kind: NucleicAcidClass, doses: int) -> PersonFindings:
    test = None
    if kind in _AGES:
        age = timedelta(hours=random.randint(*_AGES[kind]), minutes=random.randrange(60))
        test = NucleicAcidTest((at - age).replace(second=0), NucleicAcidResult.NEGATIVE)
    last_on = local_day(at) - timedelta(days=random.randint(40, 200)) if doses else None
    return PersonFindings(
        NucleicAcidFinding(kind, test), VaccinationFinding(_DOSES[doses], doses, last_on)
    )


# ---- what was corrected ------------------------------------------------------------------------


def add_corrections(session: Session, ground: Ground, told: Made) -> None:
    """The bureau set a few denials right afterwards."""
    denied = [
        (decided.at + _CORRECTED_AFTER, passage_id)
        for journey, passage_id in told
        if (decided := journey.decided) and decided.reason
    ]
    explanations = words("explanations")
    past = [row for row in denied if row[0] < ground.now][-len(explanations) :]
    rows = [
        {
            "passage_id": passage_id,
            "request_id": f"demo-{passage_id}",
            "verdict": Verdict.ALLOWED,
            "explanation": explanation,
            "account_id": ground.bureau.id,
            "created_at": at,
        }
        for (at, passage_id), explanation in zip(past, explanations, strict=False)
    ]
    add_rows(session, Correction, rows)
