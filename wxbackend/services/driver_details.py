"""One driver of the ledger: passages, 核酸 and 疫苗, each look at them audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.database import Session, transaction
from models.driver_facts import (
    DriverCounts,
    count_records_of_driver,
    driver_facts,
    list_passages_of_driver,
)
from models.driver_ledger import find_neighbours
from models.employees import Employee
from models.health_registers import list_tests_of_people, list_vaccinations_of_people
from models.passages import Passage
from wxbackend.domain.actors import Actor
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.nucleic_acid import NucleicAcidFinding, NucleicAcidResult
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.driver_ledger import DriverRow, filter_of, row_of
from wxbackend.services.employee_views import get_employee
from wxbackend.services.findings import from_json

_MOST_PASSAGES = 200


class DriverTab(StrEnum):
    PASSAGES = "passages"
    TESTS = "tests"
    VACCINATIONS = "vaccinations"


@dataclass(frozen=True, slots=True)
class DriverPassage:
    """`nucleic_acid` is what the gate saw then."""

    reservation_public_id: str
    decided_at: datetime
    checkpoint: str
    plate_number: str
    verdict: Verdict
    reason: str
    nucleic_acid: NucleicAcidFinding | None


@dataclass(frozen=True, slots=True)
class DriverTest:
    tested_at: datetime
    result: NucleicAcidResult
    sampled_at: datetime | None
    agency: str


@dataclass(frozen=True, slots=True)
class DriverVaccination:
    dose_number: int
    vaccinated_on: date
    manufacturer: str


Record = DriverPassage | DriverTest | DriverVaccination


@dataclass(frozen=True, slots=True)
class DriverDetail:
    """The drawer: head, the tabs' counts, the rows of the open tab, and who stands beside."""

    driver: DriverRow
    counts: DriverCounts
    records: Sequence[Record]
    before: str | None
    after: str | None


def show_driver(
    dependencies: Dependencies,
    scope: Scope,
    public_id: str,
    tab: DriverTab,
    *,
    values: Mapping[str, str],
    order: PageRequest,
    actor: Actor,
) -> DriverDetail:
    """One tab of a driver; `values` and `order` are the list's, for those before and after.

    Raises: NotFound.
    """
    now = dependencies.clock()
    with transaction() as session:
        row = get_employee(session, scope, public_id)
        details = {"tab": tab.value}
        record(session, actor, "see_driver", about=("employee", row.id), now=now, details=details)
        wanted = filter_of(values, now=now)
        before, after = find_neighbours(session, scope, wanted, order, row)
        return DriverDetail(
            driver=row_of(row, driver_facts(session, scope, [row.id], at=now)[row.id], now=now),
            counts=count_records_of_driver(session, scope, row.id_number),
            records=_RECORDS[tab](session, scope, row),
            before=before,
            after=after,
        )


def _passages(session: Session, scope: Scope, row: Employee) -> list[Record]:
    found = list_passages_of_driver(session, scope, row.id_number, limit=_MOST_PASSAGES)
    return [_passage(passage) for passage in found]


def _passage(passage: Passage) -> DriverPassage:
    findings = from_json(passage.scan.findings) if passage.scan.findings else None
    return DriverPassage(
        reservation_public_id=passage.reservation.public_id,
        decided_at=passage.decided_at,
        checkpoint=passage.checkpoint.name,
        plate_number=passage.reservation.plate_number,
        verdict=passage.verdict,
        reason=passage.reason,
        nucleic_acid=findings.people[0].nucleic_acid if findings and findings.people else None,
    )


def _tests(session: Session, scope: Scope, row: Employee) -> list[Record]:
    found = list_tests_of_people(session, scope, [row.id_number])[row.id_number]
    return [DriverTest(each.tested_at, each.result, each.sampled_at, each.agency) for each in found]


def _vaccinations(session: Session, scope: Scope, row: Employee) -> list[Record]:
    found = list_vaccinations_of_people(session, scope, [row.id_number])[row.id_number]
    found.sort(key=lambda dose: -dose.dose_number)
    return [
        DriverVaccination(each.dose_number, each.vaccinated_on, each.manufacturer) for each in found
    ]


_RECORDS = {
    DriverTab.PASSAGES: _passages,
    DriverTab.TESTS: _tests,
    DriverTab.VACCINATIONS: _vaccinations,
}
