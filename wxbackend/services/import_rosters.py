"""Employees from files: whoever is on the file is on the roster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models.database import Session
from models.employees import Employee, find_on_rosters, new_employee, search_columns
from wxbackend.domain.import_rows import EmployeeRecord
from wxbackend.services.import_targets import (
    Judged,
    Outcome,
    TableTarget,
    Values,
    with_blanks,
)


class EmployeeTarget(TableTarget[EmployeeRecord, Employee]):
    """Nobody is removed for not being in a file; a removed employee who is in it is back."""

    table = Employee

    def find(self, session: Session, records: Sequence[EmployeeRecord]) -> Mapping[Any, Employee]:
        enterprise_ids = {record.enterprise_id for record in records}
        id_numbers = {record.id_number for record in records}
        return find_on_rosters(session, self.scope, enterprise_ids, id_numbers)

    def judge_one(
        self, record: EmployeeRecord, row: Employee | None
    ) -> Judged[EmployeeRecord, Employee]:
        if row is not None and row.removed_at is not None:
            return Judged(record, row, Outcome.CHANGED, ("removed_at",))
        return super().judge_one(record, row)

    def new_row(self, record: EmployeeRecord, *, now: datetime) -> Values:
        return new_employee(
            {
                **with_blanks(self.values(record), "plate_number", "position"),
                "enterprise_id": record.enterprise_id,
                "id_number": record.id_number,
                "created_at": now,
                "updated_at": now,
            }
        )

    def changes(self, record: EmployeeRecord, *, now: datetime) -> Values:
        values = super().changes(record, now=now)
        return {**values, **search_columns(values), "updated_at": now, "removed_at": None}

    def values(self, record: EmployeeRecord) -> Values:
        return {
            "name": record.name,
            "id_type": record.id_type,
            "phone": record.phone,
            "plate_number": record.plate_number,
            "position": record.position,
        }
