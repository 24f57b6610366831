"""What the gate sees, in codes for programs and in words for people."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from handlers.api.shapes import Answer, Moment, Number, PublicId
from handlers.presentation import nucleic_label, remark_text, vaccination_label, word
from wxbackend.domain.gate import FactCode, GateFact, Level, Remark, ScanOutcome
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.nucleic_acid import NucleicAcidClass
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ImageKind,
    VehicleType,
    Verdict,
)
from wxbackend.domain.vaccination import VaccinationClass
from wxbackend.services.gate_views import PersonOnPage, ScanPage


class NucleicAcid(Answer):
    kind: NucleicAcidClass
    words: str
    level: Level
    tested_at: Moment | None


class Doses(Answer):
    kind: VaccinationClass
    words: str
    level: Level
    doses: int
    last_on: date | None


class PersonShown(Answer):
    """With the whole number, to compare with the document in the hand."""

    name: str
    id_type: IdType
    id_number: str
    nucleic_acid: NucleicAcid
    vaccination: Doses


class Roster(Answer):
    is_matched: bool
    words: str
    level: Level
    enterprises: list[str]
    typed: str


class RemarkShown(Answer):
    """`person` counts from 0, the driver."""

    fact: FactCode
    words: str
    level: Level
    person: int


class UsedBy(Answer):
    verdict: Verdict
    reason: str
    decided_at: Moment
    checkpoint: str
    staff: str


class Seen(Answer):
    """All that the staff weigh; `remarks` gravest first, `declared` by the driver."""

    level: Level
    remarks: list[RemarkShown]
    declared: list[RemarkShown]
    people: list[PersonShown]
    roster: Roster
    identity: IdentityAssurance
    nucleic_data_until: Moment | None
    register_is_old: bool


class Scan(Answer):
    """`seen` is there as long as the code can be decided on; then `used_by` says who decided.

    After `fresh_seconds` the scan must be refreshed before a decision.
    """

    scan_id: PublicId
    outcome: ScanOutcome
    words: str
    scanned_at: Moment
    fresh_seconds: int
    plate_number: str
    driver_name: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    arrival_at: Moment
    expected_checkpoint: str
    is_other_checkpoint: bool
    is_early: bool
    expires_at: Moment
    used_by: UsedBy | None
    seen: Seen | None


class Decision(Answer):
    passage_id: PublicId = Field(validation_alias="public_id")
    verdict: Verdict
    reason: str
    decided_at: Moment
    checkpoint: str
    staff: str
    plate_number: str
    driver_name: str
    passenger_count: int


class DriverShown(Answer):
    """司机详情; `images` by kind: ids for `/gate/scans/{scan_id}/images/{image_id}`."""

    plate_number: str
    name: str
    phone_masked: str
    enterprise_names: list[str]
    enterprise_name_typed: str
    origin: str
    via: str
    town: str
    destination_address: str
    checkpoint: str
    arrival_at: Moment
    created_at: Moment
    cargo: str
    vehicle_type: VehicleType | None
    trailer_plate: str
    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool
    images: dict[ImageKind, str]


class DenialReason(Answer):
    id: Number
    words: str


class DenialReasons(Answer):
    reasons: list[DenialReason]


def shown_scan(page: ScanPage) -> dict[str, Any]:
    """Of a code that cannot be decided on nobody's numbers are shown, as on the page."""
    is_shown = page.outcome is ScanOutcome.SHOWN
    common = {name: getattr(page, name) for name in Scan.model_fields if hasattr(page, name)}
    return common | {
        "scan_id": page.public_id,
        "words": "" if is_shown else word("refusal.code_ended.title"),
        "driver_name": page.people[0].name,
        "seen": _seen(page) if is_shown else None,
    }


def _seen(page: ScanPage) -> dict[str, Any]:
    return {
        "level": page.assessment.level,
        "remarks": [_remark(page, remark) for remark in page.assessment.remarks],
        "declared": [_remark(page, remark) for remark in page.declared],
        "people": [_person(page, person) for person in page.people],
        "roster": _roster(page),
        "identity": page.identity,
        "nucleic_data_until": page.findings.nucleic_data_until,
        "register_is_old": page.register_is_old,
    }


def _remark(page: ScanPage, remark: Remark) -> dict[str, Any]:
    nucleic = page.people[remark.person].findings.nucleic_acid
    words = remark_text(remark.fact, nucleic if remark.fact == nucleic.kind else None)
    return {
        "fact": remark.fact,
        "words": words,
        "level": remark.level,
        "person": remark.person,
    }


def _person(page: ScanPage, person: PersonOnPage) -> dict[str, Any]:
    nucleic, doses = person.findings.nucleic_acid, person.findings.vaccination
    return {
        "name": person.name,
        "id_type": person.id_type,
        "id_number": person.id_number,
        "nucleic_acid": {
            "kind": nucleic.kind,
            "words": nucleic_label(nucleic),
            "level": page.levels[nucleic.kind],
            "tested_at": nucleic.test.tested_at if nucleic.test else None,
        },
        "vaccination": {
            "kind": doses.kind,
            "words": vaccination_label(doses),
            "level": page.levels[doses.kind],
            "doses": doses.doses,
            "last_on": doses.last_on,
        },
    }


def _roster(page: ScanPage) -> dict[str, Any]:
    matches = page.findings.roster
    fact = GateFact.ROSTER_MATCHED if matches else GateFact.ROSTER_UNMATCHED
    return {
        "is_matched": bool(matches),
        "words": remark_text(fact),
        "level": page.levels[fact],
        "enterprises": [match.enterprise_name for match in matches],
        "typed": page.enterprise_name_typed,
    }
