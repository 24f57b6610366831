"""The health registry in our own tables, filled by imports: the default adapter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from models.database import DatabaseError, reading
from models.health_registers import (
    Register,
    find_register_status,
    list_tests_of_people,
    list_vaccinations_of_people,
)
from wxbackend.domain.nucleic_acid import NucleicAcidTest
from wxbackend.domain.scope import DistrictScope
from wxbackend.domain.vaccination import Vaccination
from wxbackend.gateways.interfaces.health import RegistryAnswer

_log = logging.getLogger(__name__)
# The gate asks about whoever stands before it, from wherever they come.
_EVERYBODY = DistrictScope()

Found = TypeVar("Found")


class TablesRegistry:
    """Implements `HealthRegistry`; a register that cannot be read is an answer too."""

    def look_up(self, id_numbers: Sequence[str], *, timeout: timedelta) -> RegistryAnswer:
        del timeout  # the database has its own
        return RegistryAnswer(
            tests=_try(lambda: _tests(id_numbers)),
            vaccinations=_try(lambda: _vaccinations(id_numbers)),
            tests_until=_try(_tests_until),
        )


def _try(question: Callable[[], Found]) -> Found | None:
    try:
        return question()
    except DatabaseError:
        _log.exception("register not readable")
        return None


def _tests(id_numbers: Sequence[str]) -> dict[str, list[NucleicAcidTest]]:
    with reading() as session:
        found = list_tests_of_people(session, _EVERYBODY, id_numbers)
        return {
            number: [NucleicAcidTest(row.tested_at, row.result) for row in rows]
            for number, rows in found.items()
        }


def _vaccinations(id_numbers: Sequence[str]) -> dict[str, list[Vaccination]]:
    with reading() as session:
        found = list_vaccinations_of_people(session, _EVERYBODY, id_numbers)
        return {
            number: [Vaccination(row.dose_number, row.vaccinated_on) for row in rows]
            for number, rows in found.items()
        }


def _tests_until() -> datetime | None:
    with reading() as session:
        status = find_register_status(session, Register.NUCLEIC_ACID)
        return status.data_until if status else None
