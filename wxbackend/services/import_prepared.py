"""Checked records as lines of JSON: what the checking process hands over, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from itertools import islice
from typing import Any

from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.import_rows import (
    EmployeeRecord,
    EnterpriseRecord,
    NucleicAcidRecord,
    Record,
    RowRules,
    VaccinationRecord,
)
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.services.import_reading import ROWS_A_BATCH, Batch

_RECORDS: Mapping[ImportKind, type[Record]] = {
    ImportKind.ENTERPRISES: EnterpriseRecord,
    ImportKind.EMPLOYEES: EmployeeRecord,
    ImportKind.NUCLEIC_ACID_TESTS: NucleicAcidRecord,
    ImportKind.VACCINATIONS: VaccinationRecord,
}
_READERS: Mapping[str, Callable[[str], Any]] = {
    "id_type": IdType,
    "result": NucleicAcidResult,
    "tested_at": datetime.fromisoformat,
    "sampled_at": datetime.fromisoformat,
    "vaccinated_on": date.fromisoformat,
}


class ForeignRecord(ValueError):
    """A line that the checking process cannot have written in good faith."""


def to_line(number: int, record: Record) -> str:
    """One record, with the number of its row in Excel."""
    return json.dumps([number, asdict(record)], ensure_ascii=False, default=_moment) + "\n"


def from_line(kind: ImportKind, line: str) -> tuple[int, Record]:
    """Raises: ForeignRecord."""
    try:
        number, values = json.loads(line)
        read = {
            name: _READERS[name](value) if name in _READERS and value is not None else value
            for name, value in values.items()
        }
        return int(number), _RECORDS[kind](**read)
    except (TypeError, ValueError, AttributeError) as error:
        raise ForeignRecord(kind.value) from error


def _moment(value: date) -> str:
    return value.isoformat()


class PreparedRecords:
    """Lines of records, in batches. Every record must fit the rules it was checked by."""

    def __init__(self, kind: ImportKind, lines: Iterable[str], rules: RowRules) -> None:
        self._kind = kind
        self._lines = iter(lines)
        self._known = {
            "enterprise_id": frozenset(rules.enterprises.values()),
            "town_id": frozenset(rules.towns.values()),
        }

    def batches(self) -> Iterator[Batch]:
        """Raises: ForeignRecord."""
        while lines := list(islice(self._lines, ROWS_A_BATCH)):
            batch = Batch(rows_read=len(lines))
            for line in lines:
                number, record = from_line(self._kind, line)
                self._check(record)
                batch.numbers.append(number)
                batch.records.append(record)
            yield batch

    def _check(self, record: Record) -> None:
        for name, known in self._known.items():
            value = getattr(record, name, None)
            if value is not None and value not in known:
                raise ForeignRecord(name)


# ---- the rules, for the checking process -------------------------------------------------------


def rules_to_json(rules: RowRules) -> dict[str, Any]:
    return {**asdict(rules), "now": rules.now.isoformat()}


def rules_from_json(values: Mapping[str, Any]) -> RowRules:
    return RowRules(
        now=datetime.fromisoformat(values["now"]),
        towns=values["towns"],
        enterprises=values["enterprises"],
        id_types={name: IdType(value) for name, value in values["id_types"].items()},
        only_enterprise=values["only_enterprise"],
    )
