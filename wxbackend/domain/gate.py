"""What a scan shows, and how closely it asks the staff to look; it advises, the staff decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding
from wxbackend.domain.reservation import HealthCode, IdentityAssurance
from wxbackend.domain.vaccination import VaccinationClass, VaccinationFinding


class Level(StrEnum):
    """How closely to look: green, amber, red."""

    GO = "go"
    LOOK = "look"
    STOP = "stop"

    @property
    def weight(self) -> int:
        return (Level.GO, Level.LOOK, Level.STOP).index(self)


class GateFact(StrEnum):
    """The facts beside 核酸 and 疫苗 classes that a level is set for."""

    ROSTER_MATCHED = "roster_matched"
    ROSTER_UNMATCHED = "roster_unmatched"
    GREEN_CODE = "green_code"
    YELLOW_CODE = "yellow_code"
    RED_CODE = "red_code"
    HIGH_RISK_TRAVEL = "high_risk_travel"
    SYMPTOMS = "symptoms"
    IDENTITY_NOT_CHECKED = "identity_not_checked"


FactCode = GateFact | NucleicAcidClass | VaccinationClass
FACT_CODES: dict[str, FactCode] = {
    str(code): code for kind in (GateFact, NucleicAcidClass, VaccinationClass) for code in kind
}


class ScanMeans(StrEnum):
    LINK = "link"  # WeChat's own 扫一扫, or a browser, opened the pass link
    SCANNER = "scanner"  # our page read the code
    SHORT_CODE = "short_code"
    REFRESH = "refresh"  # the page of an old scan was brought up to date


class ScanOutcome(StrEnum):
    SHOWN = "shown"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RosterMatch:
    """One active enterprise on whose roster the driver stands."""

    enterprise_id: int
    enterprise_name: str
    town_id: int


@dataclass(frozen=True, slots=True)
class PersonFindings:
    """What the two registers say about one person."""

    nucleic_acid: NucleicAcidFinding
    vaccination: VaccinationFinding


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the driver declared about their health when they reserved."""

    health_code: HealthCode
    high_risk_travel: bool
    symptoms: bool


@dataclass(frozen=True, slots=True)
class GateFindings:
    """Everything a scan shows beside the reservation itself; kept with the scan for good.

    `people[0]` is the driver, the others are the passengers in the order of the reservation.
    `nucleic_data_until` is the moment up to which the 核酸 register holds data.
    """

    roster: tuple[RosterMatch, ...]
    people: tuple[PersonFindings, ...]
    declaration: Declaration
    identity: IdentityAssurance
    nucleic_data_until: datetime | None


@dataclass(frozen=True, slots=True)
class Remark:
    """One fact, its level, and whom it is about (0 = driver, 1… = passengers)."""

    fact: FactCode
    level: Level
    person: int = 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """The band on top of the scan page: its level, and the facts behind it, gravest first."""

    level: Level
    remarks: tuple[Remark, ...]


Levels = Mapping[FactCode, Level]

_HEALTH_CODE_FACTS = {
    HealthCode.GREEN: GateFact.GREEN_CODE,
    HealthCode.YELLOW: GateFact.YELLOW_CODE,
    HealthCode.RED: GateFact.RED_CODE,
}


def assess(findings: GateFindings, levels: Levels) -> Assessment:
    """Weigh every fact by the configured table; what is not clean is a remark."""
    remarks = [Remark(fact, levels[fact], person) for fact, person in _facts(findings)]
    weighty = [remark for remark in remarks if remark.level is not Level.GO]
    weighty.sort(key=lambda remark: -remark.level.weight)
    level = weighty[0].level if weighty else Level.GO
    return Assessment(level, tuple(weighty))


def declared_remarks(declaration: Declaration, levels: Levels) -> tuple[Remark, ...]:
    """What the driver declared and is not clean, whatever weight the table gives it."""
    facts = [fact for fact in _declared(declaration) if fact is not GateFact.GREEN_CODE]
    return tuple(Remark(fact, levels[fact]) for fact in facts)


def _declared(declaration: Declaration) -> list[GateFact]:
    facts = [_HEALTH_CODE_FACTS[declaration.health_code]]
    if declaration.high_risk_travel:
        facts.append(GateFact.HIGH_RISK_TRAVEL)
    if declaration.symptoms:
        facts.append(GateFact.SYMPTOMS)
    return facts


def _facts(findings: GateFindings) -> list[tuple[FactCode, int]]:
    facts: list[tuple[FactCode, int]] = []
    for person, found in enumerate(findings.people):
        facts += [(found.nucleic_acid.kind, person), (found.vaccination.kind, person)]
    facts += [(fact, 0) for fact in _declared(findings.declaration)]
    if findings.identity is not IdentityAssurance.CHECKED:
        facts.append((GateFact.IDENTITY_NOT_CHECKED, 0))
    matched = GateFact.ROSTER_MATCHED if findings.roster else GateFact.ROSTER_UNMATCHED
    facts.append((matched, 0))
    return facts
