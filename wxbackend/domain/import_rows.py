"""One row of an import file: its cells in, a checked record out, every wrong cell named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from wxbackend.domain.credit_codes import parse_credit_code
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.form_checks import parse_name
from wxbackend.domain.identity_documents import IdentityDocument, IdType, parse_document
from wxbackend.domain.import_cells import (
    Cell,
    is_blank,
    long_number,
    parse_any_document,
    parse_day,
    parse_dose,
    parse_moment,
    parse_needed_text,
    parse_phone,
    parse_result,
    parse_text,
    plain_text,
)
from wxbackend.domain.import_columns import TOWN_KINDS, ImportKind
from wxbackend.domain.moments import local_day
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.plates import parse_plate

Value = TypeVar("Value")
Cells = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class RowRules:
    """What the checks need to know besides the row itself.

    `enterprises` are ids by credit code; `only_enterprise` is the one that all rows go to.
    """

    now: datetime
    towns: Mapping[str, int]
    enterprises: Mapping[str, int]
    id_types: Mapping[str, IdType]
    only_enterprise: str | None = None


# In every record None means that the file says nothing: what is stored stays.


@dataclass(frozen=True, slots=True)
class EnterpriseRecord:
    name: str
    credit_code: str
    town_id: int
    lead_name: str
    lead_phone: str
    address: str | None
    kind: str | None
    remark: str | None

    @property
    def key(self) -> tuple[str]:
        return (self.credit_code,)


@dataclass(frozen=True, slots=True)
class EmployeeRecord:
    enterprise_id: int
    name: str
    id_type: IdType
    id_number: str
    phone: str
    plate_number: str | None
    position: str | None

    @property
    def key(self) -> tuple[int, str]:
        return (self.enterprise_id, self.id_number)


@dataclass(frozen=True, slots=True)
class NucleicAcidRecord:
    id_number: str
    tested_at: datetime
    result: NucleicAcidResult
    name: str | None
    sampled_at: datetime | None
    agency: str | None

    @property
    def key(self) -> tuple[str, datetime]:
        return (self.id_number, self.tested_at)


@dataclass(frozen=True, slots=True)
class VaccinationRecord:
    id_number: str
    dose_number: int
    vaccinated_on: date
    name: str | None
    manufacturer: str | None

    @property
    def key(self) -> tuple[str, int]:
        return (self.id_number, self.dose_number)


Record = EnterpriseRecord | EmployeeRecord | NucleicAcidRecord | VaccinationRecord


def parse_row(kind: ImportKind, cells: Cells, rules: RowRules) -> Record:
    """The checked record.

    Raises: InvalidForm with an error for every wrong cell, by column name.
    """
    row = _Row(cells)
    record = _PARSERS[kind](row, rules)
    row.finish()
    return record


class _Row:
    """Runs a parser per cell and collects what they refuse.

    After a refusal the cell's value is None in spite of its type; `finish` raises before anybody
    can see it.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._errors: dict[str, InvalidValue] = {}

    def need(self, column: str, parse: Callable[[Cell], Value]) -> Value:
        try:
            return parse(self._cells.get(column))
        except InvalidValue as error:
            self._errors[column] = error
            return None  # type: ignore[return-value]

    def maybe(self, column: str, parse: Callable[[Cell], Value]) -> Value | None:
        """None for an empty cell and for a column that the file has not."""
        return None if is_blank(self._cells.get(column)) else self.need(column, parse)

    def finish(self) -> None:
        if self._errors:
            raise InvalidForm(self._errors)


def _enterprise(row: _Row, rules: RowRules) -> EnterpriseRecord:
    return EnterpriseRecord(
        name=row.need("name", lambda cell: parse_needed_text(cell, longest=100)),
        credit_code=row.need("credit_code", _credit_code),
        town_id=row.need("town", lambda cell: _town(cell, rules.towns)),
        lead_name=row.need("lead_name", lambda cell: parse_name(plain_text(cell))),
        lead_phone=row.need("lead_phone", parse_phone),
        address=row.maybe("address", lambda cell: parse_text(cell, longest=200)),
        kind=row.maybe("kind", lambda cell: parse_text(cell, longest=40)),
        remark=row.maybe("remark", lambda cell: parse_text(cell, longest=200)),
    )


def _employee(row: _Row, rules: RowRules) -> EmployeeRecord:
    id_type = row.maybe("id_type", lambda cell: _id_type(cell, rules.id_types))
    document = row.need(
        "id_number", lambda cell: _document(cell, id_type or IdType.RESIDENT_ID, now=rules.now)
    )
    return EmployeeRecord(
        enterprise_id=row.need("credit_code", lambda cell: _enterprise_id(cell, rules)),
        name=row.need("name", lambda cell: parse_name(plain_text(cell))),
        id_type=document.type if document else IdType.RESIDENT_ID,
        id_number=document.number if document else "",
        phone=row.need("phone", parse_phone),
        plate_number=row.maybe("plate_number", lambda cell: parse_plate(plain_text(cell))),
        position=row.maybe("position", lambda cell: parse_text(cell, longest=20)),
    )


def _test(row: _Row, rules: RowRules) -> NucleicAcidRecord:
    document = row.need("id_number", lambda cell: parse_any_document(cell, now=rules.now))
    return NucleicAcidRecord(
        id_number=document.number if document else "",
        tested_at=row.need("tested_at", lambda cell: parse_moment(cell, now=rules.now)),
        result=row.need("result", parse_result),
        name=row.maybe("name", lambda cell: parse_text(cell, longest=50)),
        sampled_at=row.maybe("sampled_at", lambda cell: parse_moment(cell, now=rules.now)),
        agency=row.maybe("agency", lambda cell: parse_text(cell, longest=100)),
    )


def _vaccination(row: _Row, rules: RowRules) -> VaccinationRecord:
    document = row.need("id_number", lambda cell: parse_any_document(cell, now=rules.now))
    return VaccinationRecord(
        id_number=document.number if document else "",
        dose_number=row.need("dose_number", parse_dose),
        vaccinated_on=row.need("vaccinated_on", lambda cell: parse_day(cell, now=rules.now)),
        name=row.maybe("name", lambda cell: parse_text(cell, longest=50)),
        manufacturer=row.maybe("manufacturer", lambda cell: parse_text(cell, longest=100)),
    )


_PARSERS: Mapping[ImportKind, Callable[[_Row, RowRules], Record]] = {
    ImportKind.ENTERPRISES: _enterprise,
    ImportKind.EMPLOYEES: _employee,
    ImportKind.NUCLEIC_ACID_TESTS: _test,
    ImportKind.VACCINATIONS: _vaccination,
}


def _credit_code(cell: Cell) -> str:
    return parse_credit_code(long_number(cell, name="credit_code"))


def _enterprise_id(cell: Cell, rules: RowRules) -> int:
    only = rules.only_enterprise
    if only is not None and is_blank(cell):
        return rules.enterprises[only]
    code = _credit_code(cell)
    if only is not None and code != only:
        raise InvalidValue("import.enterprise.other")
    if code not in rules.enterprises:
        raise InvalidValue("import.enterprise.unknown")
    return rules.enterprises[code]


def _document(cell: Cell, id_type: IdType, *, now: datetime) -> IdentityDocument:
    return parse_document(id_type, long_number(cell, name="id_number"), on=local_day(now))


def _id_type(cell: Cell, names: Mapping[str, IdType]) -> IdType:
    name = clean_code(plain_text(cell))
    if name not in names:
        raise InvalidValue("import.id_type.unknown")
    return names[name]


def _town(cell: Cell, towns: Mapping[str, int]) -> int:
    """A town's id by its name; the kind (街道, 镇) may be left out where one town fits."""
    name = clean_code(parse_needed_text(cell, longest=40))
    if name in towns:
        return towns[name]
    found = [towns[name + kind] for kind in TOWN_KINDS if name + kind in towns]
    if len(found) != 1:
        raise InvalidValue("import.town.unknown")
    return found[0]
