"""货车司机台账: everybody on the rosters of a scope, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session, contains_eager

from models.driver_facts import newest_test_at
from models.employees import Employee
from models.enterprises import Enterprise
from models.health_registers import NucleicAcidTestRow
from models.listing import (
    Condition,
    begins_with,
    count_up_to,
    has_part,
    in_order,
    in_parts,
    is_number,
    ordered,
)
from models.scope import visible
from wxbackend.domain.listing import COUNTED_ROWS, PageRequest
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidResult, negative_between
from wxbackend.domain.scope import Scope

_SORTS = {
    "name": Employee.name,
    "enterprise": Enterprise.name,
    "plate": Employee.plate_number,
    "updated": Employee.updated_at,
}
SORTS = tuple(_SORTS)


@dataclass(frozen=True, slots=True)
class DriverFilter:
    """Empty fields ask for nothing; `at` is the moment whose 核酸 class is meant."""

    at: datetime
    name: str = ""
    id_number: str = ""
    phone: str = ""
    plate: str = ""
    enterprise_name: str = ""
    enterprise_public_id: str = ""
    town_id: int | None = None
    nucleic_acid: NucleicAcidClass | None = None
    is_removed: bool = False


def list_drivers(
    session: Session, scope: Scope, wanted: DriverFilter, request: PageRequest
) -> Sequence[Employee]:
    """One page, with enterprise and town."""
    query = ordered(_matching(scope, wanted), request, columns=_SORTS, key=Employee.id)
    return session.scalars(query).all()


def count_drivers(
    session: Session, scope: Scope, wanted: DriverFilter, *, most: int = COUNTED_ROWS
) -> int:
    query = select(Employee.id).join(Enterprise).where(*_conditions(scope, wanted))
    return count_up_to(session, query, most=most)


def all_drivers(
    session: Session, scope: Scope, wanted: DriverFilter, order: PageRequest
) -> Iterator[Sequence[Employee]]:
    """Everybody whom the list holds, in its order, in parts of some hundred."""
    query = in_order(_matching(scope, wanted), order, columns=_SORTS, key=Employee.id)
    return ([row[0] for row in part] for part in in_parts(session, query))


def count_ledger(
    session: Session, scope: Scope, wanted: DriverFilter, *, most: int = COUNTED_ROWS
) -> tuple[int, int, int]:
    """How many the list holds, as `count_drivers` has it; without any filter, how many people stand
    on rosters of active enterprises, and of how many of these. By one statement.
    """
    found = select(literal(1).label("one")).select_from(Employee).join(Enterprise)
    found = found.where(*_conditions(scope, wanted)).limit(most + 1)
    rosters = (
        select(
            func.count().label("people"),
            func.count(Employee.enterprise_id.distinct()).label("enterprises"),
        )
        .select_from(Employee)
        .join(Enterprise)
        .where(
            visible(scope, Employee),
            Employee.removed_at.is_(None),
            Enterprise.disabled_at.is_(None),
        )
        .subquery()
    )
    total = select(func.count()).select_from(found.subquery()).scalar_subquery()
    query = select(total, rosters.c.people, rosters.c.enterprises)
    row = session.execute(query).one()
    return row[0], row[1], row[2]


def find_neighbours(
    session: Session, scope: Scope, wanted: DriverFilter, order: PageRequest, row: Employee
) -> tuple[str | None, str | None]:
    """The public ids of those before and after a person in the list's order."""
    column = _SORTS.get(order.sort)
    columns = [Employee.id] if column is None else [column, Employee.id]
    here = _values_of(row, order.sort)
    is_down = order.is_descending or column is None

    def nearest(*, is_after: bool) -> Any:
        is_greater = is_after != is_down
        beyond = tuple_(*columns) > here if is_greater else tuple_(*columns) < here
        order_by = [each.asc() if is_greater else each.desc() for each in columns]
        query = select(Employee.public_id).join(Enterprise)
        query = query.where(*_conditions(scope, wanted), beyond)
        return query.order_by(*order_by).limit(1).scalar_subquery()

    before, after = session.execute(select(nearest(is_after=False), nearest(is_after=True))).one()
    return before, after


def _matching(scope: Scope, wanted: DriverFilter) -> Select[Employee]:
    return (
        select(Employee)
        .join(Employee.enterprise)
        .join(Enterprise.town)
        .where(*_conditions(scope, wanted))
        .options(contains_eager(Employee.enterprise).contains_eager(Enterprise.town))
    )


def _values_of(row: Employee, sort: str) -> Any:
    """What a row is sorted by, as the columns of `_SORTS` have it."""
    column = _SORTS.get(sort)
    if column is None:
        return tuple_(literal(row.id))
    source = row.enterprise if column.class_ is Enterprise else row
    return tuple_(literal(getattr(source, column.key), column.type), literal(row.id))


def _conditions(scope: Scope, wanted: DriverFilter) -> list[Condition]:
    removed = Employee.removed_at
    asked = (
        (wanted.name, lambda text: begins_with(Employee.name, text)),
        (wanted.id_number, _has_id_number),
        (wanted.phone, _has_phone),
        (wanted.plate, lambda text: has_part(Employee.plate_number, text)),
        (wanted.enterprise_name, lambda text: has_part(Enterprise.name, text)),
        (wanted.enterprise_public_id, lambda text: Enterprise.public_id == text),
    )
    conditions = [
        visible(scope, Employee),
        removed.is_not(None) if wanted.is_removed else removed.is_(None),
        *(condition(text) for text, condition in asked if text),
    ]
    if wanted.town_id is not None:
        conditions.append(Enterprise.town_id == wanted.town_id)
    if wanted.nucleic_acid is not None:
        conditions.append(_is_of_class(scope, wanted))
    return conditions


def _has_id_number(text: str) -> Condition:
    return is_number(Employee.id_number_hash, Employee.id_number_tail_hash, text)


def _has_phone(text: str) -> Condition:
    return is_number(Employee.phone_hash, Employee.phone_tail_hash, text)


def _is_of_class(scope: Scope, wanted: DriverFilter) -> Condition:
    """The rule of `wxbackend.domain.nucleic_acid` as a question to the database.

    The register tells of those who stand on a roster of the scope: everybody whom the list shows,
    unless it shows removed people.
    """
    kind, at = wanted.nucleic_acid, wanted.at
    newest = select(NucleicAcidTestRow.id).where(
        NucleicAcidTestRow.id_number_hash == Employee.id_number_hash,
        NucleicAcidTestRow.tested_at == newest_test_at(at),
    )
    if wanted.is_removed:
        newest = newest.where(visible(scope, NucleicAcidTestRow))
    is_negative = NucleicAcidTestRow.result == NucleicAcidResult.NEGATIVE
    if kind is NucleicAcidClass.NO_RECORD:
        return ~newest.exists()
    if kind is None or kind is NucleicAcidClass.NOT_NEGATIVE:
        return newest.where(~is_negative).exists()
    start, end = negative_between(kind, at)
    newest = newest.where(is_negative)
    if start is not None:
        newest = newest.where(NucleicAcidTestRow.tested_at >= start)
    if end is not None:
        newest = newest.where(NucleicAcidTestRow.tested_at < end)
    return newest.exists()
