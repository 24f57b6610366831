"""What the registers and the gate know of drivers: shortly for lists, whole for one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from models.base import UtcDateTime
from models.employees import Employee
from models.health_registers import NucleicAcidTestRow, VaccinationRow
from models.passages import Passage
from models.reservations import Reservation
from models.scope import visible
from wxbackend.domain.moments import local_day
from wxbackend.domain.nucleic_acid import NucleicAcidResult, NucleicAcidTest
from wxbackend.domain.scope import Scope
from wxbackend.domain.vaccination import Vaccination


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """What a list shows beside a driver: newest test, highest dose, newest passage."""

    test: NucleicAcidTest | None = None
    dose: Vaccination | None = None
    passed_at: datetime | None = None


def driver_facts(
    session: Session, scope: Scope, employee_ids: Sequence[int], *, at: datetime
) -> Mapping[int, DriverFacts]:
    """What is known of these people at that moment, by employee id, in one statement.

    Only the newest test and the highest dose come back: the same that the gate's rules choose.
    """
    found: dict[int, dict[str, Any]] = {employee_id: {} for employee_id in employee_ids}
    parts = (_newest_tests, _highest_doses, _newest_passages)
    query = union_all(*(part(scope, employee_ids, at) for part in parts))
    for kind, employee_id, moment, day, number, word in session.execute(query):
        if kind == "test":
            found[employee_id]["test"] = NucleicAcidTest(moment, NucleicAcidResult(word))
        elif kind == "dose":
            found[employee_id]["dose"] = Vaccination(number, day)
        else:
            found[employee_id]["passed_at"] = moment
    return {employee_id: DriverFacts(**facts) for employee_id, facts in found.items()}


def list_passages_of_driver(
    session: Session, scope: Scope, id_number: str, *, limit: int
) -> Sequence[Passage]:
    """The passages of whoever has this number, newest first, with what the gate saw."""
    query = (
        select(Passage)
        .join(Passage.reservation)
        .where(Reservation.id_number_hash == id_number, visible(scope, Passage))
        .options(
            contains_eager(Passage.reservation),
            joinedload(Passage.checkpoint),
            joinedload(Passage.scan),
        )
        .order_by(Passage.decided_at.desc(), Passage.id.desc())
        .limit(limit)
    )
    return session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class DriverCounts:
    """How many rows each tab of a driver has."""

    passages: int
    tests: int
    vaccinations: int


def count_records_of_driver(session: Session, scope: Scope, id_number: str) -> DriverCounts:
    passages = (
        select(func.count())
        .select_from(Passage)
        .join(Reservation)
        .where(Reservation.id_number_hash == id_number, visible(scope, Passage))
    )
    registers = [
        select(func.count()).where(table.id_number_hash == id_number, visible(scope, table))
        for table in (NucleicAcidTestRow, VaccinationRow)
    ]
    counted = [query.scalar_subquery() for query in (passages, *registers)]
    return DriverCounts(*session.execute(select(*counted)).one())


def newest_test_at(at: datetime) -> ColumnElement[datetime]:
    """When the newest test of the employee in the question around it was made, up to `at`."""
    tests = aliased(NucleicAcidTestRow)
    return (
        select(func.max(tests.tested_at))
        .where(tests.id_number_hash == Employee.id_number_hash, tests.tested_at <= at)
        .correlate(Employee)
        .scalar_subquery()
    )


# ---- facts: (kind, employee, moment, day, number, word) ----------------------------------------

_Fact = Select[str, int, datetime, date, int, str]


def _newest_tests(scope: Scope, employee_ids: Sequence[int], at: datetime) -> _Fact:
    return (
        select(
            literal("test"),
            Employee.id,
            NucleicAcidTestRow.tested_at,
            cast(null(), Date),
            cast(null(), Integer),
            cast(NucleicAcidTestRow.result, String),
        )
        .join(
            NucleicAcidTestRow,
            (NucleicAcidTestRow.id_number_hash == Employee.id_number_hash)
            & (NucleicAcidTestRow.tested_at == newest_test_at(at)),
        )
        .where(Employee.id.in_(employee_ids), visible(scope, NucleicAcidTestRow))
    )


def _highest_doses(scope: Scope, employee_ids: Sequence[int], at: datetime) -> _Fact:
    doses = aliased(VaccinationRow)
    highest = (
        select(func.max(doses.dose_number))
        .where(
            doses.id_number_hash == Employee.id_number_hash,
            doses.vaccinated_on <= local_day(at),
        )
        .correlate(Employee)
        .scalar_subquery()
    )
    return (
        select(
            literal("dose"),
            Employee.id,
            cast(null(), UtcDateTime),
            VaccinationRow.vaccinated_on,
            VaccinationRow.dose_number,
            cast(null(), String),
        )
        .join(
            VaccinationRow,
            (VaccinationRow.id_number_hash == Employee.id_number_hash)
            & (VaccinationRow.dose_number == highest),
        )
        .where(Employee.id.in_(employee_ids), visible(scope, VaccinationRow))
    )


def _newest_passages(scope: Scope, employee_ids: Sequence[int], at: datetime) -> _Fact:
    return (
        select(
            literal("passage"),
            Employee.id,
            func.max(Passage.decided_at),
            cast(null(), Date),
            cast(null(), Integer),
            cast(null(), String),
        )
        .join(Reservation, Reservation.id_number_hash == Employee.id_number_hash)
        .join(Passage, Passage.reservation_id == Reservation.id)
        .where(Employee.id.in_(employee_ids), visible(scope, Passage), Passage.decided_at <= at)
        .group_by(Employee.id)
    )
