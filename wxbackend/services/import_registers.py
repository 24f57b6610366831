"""核酸 and 疫苗 from files, and how far each register reaches afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.database import Session
from models.health_registers import (
    NucleicAcidTestRow,
    Register,
    VaccinationRow,
    find_tests,
    find_vaccinations,
    note_register_import,
    with_search_column,
)
from models.sealed import Sealed
from wxbackend.domain.import_rows import NucleicAcidRecord, VaccinationRecord
from wxbackend.domain.moments import day_bounds
from wxbackend.domain.scope import Scope
from wxbackend.services.import_targets import Judged, TableTarget, Values, with_blanks


class NucleicAcidTarget(TableTarget[NucleicAcidRecord, NucleicAcidTestRow]):
    table = NucleicAcidTestRow

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._reach = _Reach(Register.NUCLEIC_ACID)

    def find(
        self, session: Session, records: Sequence[NucleicAcidRecord]
    ) -> Mapping[Any, NucleicAcidTestRow]:
        return find_tests(session, self.scope, [record.key for record in records])

    def new_row(self, record: NucleicAcidRecord, *, now: datetime) -> Values:
        del now
        return with_search_column(
            {
                **with_blanks(self.values(record), "name", "agency"),
                "id_number": record.id_number,
                "tested_at": record.tested_at,
            }
        )

    def values(self, record: NucleicAcidRecord) -> Values:
        return {
            "result": record.result,
            "name": record.name,
            "sampled_at": record.sampled_at,
            "agency": record.agency,
        }

    def prepare(
        self,
        session: Session,
        judged: Sequence[Judged[NucleicAcidRecord, NucleicAcidTestRow]],
        *,
        now: datetime,
    ) -> list[Sealed]:
        self._reach.see((one.record.tested_at for one in judged), now=now)
        return super().prepare(session, judged, now=now)

    def finish(self, session: Session, *, now: datetime) -> None:
        self._reach.note(session, now=now)


class VaccinationTarget(TableTarget[VaccinationRecord, VaccinationRow]):
    table = VaccinationRow

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._reach = _Reach(Register.VACCINATION)

    def find(
        self, session: Session, records: Sequence[VaccinationRecord]
    ) -> Mapping[Any, VaccinationRow]:
        return find_vaccinations(session, self.scope, [record.key for record in records])

    def new_row(self, record: VaccinationRecord, *, now: datetime) -> Values:
        del now
        return with_search_column(
            {
                **with_blanks(self.values(record), "name", "manufacturer"),
                "id_number": record.id_number,
                "dose_number": record.dose_number,
            }
        )

    def values(self, record: VaccinationRecord) -> Values:
        return {
            "vaccinated_on": record.vaccinated_on,
            "name": record.name,
            "manufacturer": record.manufacturer,
        }

    def prepare(
        self,
        session: Session,
        judged: Sequence[Judged[VaccinationRecord, VaccinationRow]],
        *,
        now: datetime,
    ) -> list[Sealed]:
        self._reach.see((day_bounds(one.record.vaccinated_on)[0] for one in judged), now=now)
        return super().prepare(session, judged, now=now)

    def finish(self, session: Session, *, now: datetime) -> None:
        self._reach.note(session, now=now)


class _Reach:
    """The newest moment that the rows of one import speak of; the future is no news."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._has_rows = False
        self._newest: datetime | None = None

    def see(self, moments: Iterable[datetime], *, now: datetime) -> None:
        for moment in moments:
            self._has_rows = True
            if moment <= now and (self._newest is None or moment > self._newest):
                self._newest = moment

    def note(self, session: Session, *, now: datetime) -> None:
        if self._has_rows:
            note_register_import(session, self._register, data_until=self._newest, imported_at=now)
