"""货车司机台账 as a file: the list's own rows and filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.database import Session
from models.driver_facts import DriverFacts, driver_facts
from models.driver_ledger import all_drivers, count_drivers
from models.employees import Employee
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.moments import local_day, to_local
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding, classify_tests
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import Scope
from wxbackend.domain.vaccination import count_doses
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.driver_ledger import filter_of
from wxbackend.services.export_lists import ExportColumn, ExportList, ExportQuestion

_FROM_FACTS = {"nucleic_acid", "tested_at", "vaccination", "passed_at"}
_MOST_NUMERALS = 10


def _count(session: Session, scope: Scope, question: ExportQuestion, most: int) -> int:
    wanted = filter_of(question.values, now=question.now)
    return count_drivers(session, scope, wanted, most=most)


def _rows(session: Session, scope: Scope, question: ExportQuestion) -> Iterator[Mapping[str, Cell]]:
    wanted = filter_of(question.values, now=question.now)
    needs_facts = bool(_FROM_FACTS & question.columns)
    for part in all_drivers(session, scope, wanted, question.order):
        ids = [row.id for row in part] if needs_facts else []
        facts = driver_facts(session, scope, ids, at=question.now) if needs_facts else {}
        for row in part:
            yield _cells(row, facts.get(row.id, DriverFacts()), question)


def _cells(row: Employee, facts: DriverFacts, question: ExportQuestion) -> dict[str, Cell]:
    word, now = question.wording.text, question.now
    test = classify_tests([facts.test] if facts.test else [], now)
    doses = count_doses([facts.dose] if facts.dose else [], local_day(now)).doses
    return {
        "name": row.name,
        "id_type": word(f"id_type.{row.id_type.value}"),
        "id_number": row.id_number,
        "phone": row.phone,
        "enterprise": row.enterprise.name,
        "town": row.enterprise.town.name,
        "plate_number": row.plate_number,
        "position": row.position,
        "passed_at": facts.passed_at,
        "nucleic_acid": _nucleic_words(question.wording, test),
        "tested_at": test.test.tested_at if test.test else None,
        "vaccination": _doses_words(question.wording, doses),
        "removed_on": to_local(row.removed_at).date().isoformat() if row.removed_at else None,
    }


def _nucleic_words(wording: Wording, finding: NucleicAcidFinding) -> str:
    """As the list shows it: the class, or the result of a test that has none."""
    if finding.kind in {NucleicAcidClass.OLDER, NucleicAcidClass.NOT_NEGATIVE} and finding.test:
        return wording.text(f"nucleic_result.{finding.test.result.value}")
    return wording.text(f"nucleic.{finding.kind.value}")


def _doses_words(wording: Wording, doses: int) -> str:
    if not doses:
        return wording.text("vaccination.none")
    number = wording.text(f"numeral.{doses}") if doses <= _MOST_NUMERALS else str(doses)
    return wording.text("vaccination.doses", number=number)


DRIVERS = ExportList(
    kind="drivers",
    right=Right.VIEW_DRIVERS,
    columns=(
        ExportColumn("name"),
        ExportColumn("id_type", is_chosen=False),
        ExportColumn("id_number", mask=mask_id_number),
        ExportColumn("phone", mask=mask_phone),
        ExportColumn("enterprise"),
        ExportColumn("town"),
        ExportColumn("plate_number"),
        ExportColumn("position"),
        ExportColumn("passed_at"),
        ExportColumn("nucleic_acid", is_chosen=False),
        ExportColumn("tested_at", is_chosen=False),
        ExportColumn("vaccination", is_chosen=False),
        ExportColumn("removed_on", is_chosen=False),
    ),
    count=_count,
    rows=_rows,
    is_clear_for_leads=True,
)
