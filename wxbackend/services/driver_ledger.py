"""货车司机台账: the list of everybody on the rosters of a scope, numbers masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import reading
from models.driver_facts import DriverFacts, driver_facts
from models.driver_ledger import SORTS as SORTS
from models.driver_ledger import DriverFilter, count_ledger, list_drivers
from models.employees import Employee
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.moments import local_day
from wxbackend.domain.normalisation import clean_code, clean_name, clean_text
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding, classify_tests
from wxbackend.domain.plates import without_separators
from wxbackend.domain.scope import Scope
from wxbackend.domain.vaccination import VaccinationFinding, count_doses
from wxbackend.services.dependencies import Dependencies

# The filter's choices: every class that a register that answers can give.
NUCLEIC_ACID_CHOICES = tuple(
    kind for kind in NucleicAcidClass if kind is not NucleicAcidClass.UNAVAILABLE
)
REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One line of the ledger; what is not known of somebody removed is None."""

    public_id: str
    name: str
    id_number_masked: str
    phone_masked: str
    enterprise: str
    is_enterprise_disabled: bool
    town: str
    plate_number: str
    position: str
    nucleic_acid: NucleicAcidFinding
    vaccination: VaccinationFinding
    passed_at: datetime | None
    is_removed: bool


@dataclass(frozen=True, slots=True)
class DriverLedger:
    """A page of the list, and how many there are without any filter."""

    page: Page[DriverRow]
    people: int
    enterprises: int


def show_ledger(
    dependencies: Dependencies, scope: Scope, values: Mapping[str, str], request: PageRequest
) -> DriverLedger:
    now = dependencies.clock()
    wanted = filter_of(values, now=now)
    with reading() as session:
        rows = list_drivers(session, scope, wanted, request)
        total, people, enterprises = count_ledger(session, scope, wanted)
        facts = driver_facts(session, scope, [row.id for row in rows], at=now)
        shown = [row_of(row, facts[row.id], now=now) for row in rows]
    return DriverLedger(Page(shown, total, request), people, enterprises)


def filter_of(values: Mapping[str, str], *, now: datetime) -> DriverFilter:
    """The list's filter values as a question; what no list could hold asks for nothing."""
    town = values.get("town", "")
    kind = values.get("nucleic_acid", "")
    return DriverFilter(
        at=now,
        name=clean_name(values.get("name", "")),
        id_number=clean_code(values.get("id_number", "")),
        phone=clean_code(values.get("phone", "")),
        plate=without_separators(values.get("plate", "")),
        enterprise_name=clean_text(values.get("enterprise_name", "")),
        enterprise_public_id=values.get("enterprise", ""),
        town_id=int(town) if town.isdecimal() and len(town) < 10 else None,
        nucleic_acid=NucleicAcidClass(kind) if kind in NUCLEIC_ACID_CHOICES else None,
        is_removed=values.get("state") == REMOVED,
    )


def row_of(row: Employee, facts: DriverFacts, *, now: datetime) -> DriverRow:
    return DriverRow(
        public_id=row.public_id,
        name=row.name,
        id_number_masked=mask_id_number(row.id_number),
        phone_masked=mask_phone(row.phone),
        enterprise=row.enterprise.name,
        is_enterprise_disabled=row.enterprise.disabled_at is not None,
        town=row.enterprise.town.name,
        plate_number=row.plate_number,
        position=row.position,
        nucleic_acid=classify_tests([facts.test] if facts.test else [], now),
        vaccination=count_doses([facts.dose] if facts.dose else [], local_day(now)),
        passed_at=facts.passed_at,
        is_removed=row.removed_at is not None,
    )
