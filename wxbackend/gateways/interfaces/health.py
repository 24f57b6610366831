"""The health registers as the use cases see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from wxbackend.domain.nucleic_acid import NucleicAcidTest
from wxbackend.domain.vaccination import Vaccination


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What the registers say, by identity number; None for a register that did not answer.

    An empty list means: the register answered, and has no record.
    """

    tests: Mapping[str, Sequence[NucleicAcidTest]] | None
    vaccinations: Mapping[str, Sequence[Vaccination]] | None
    tests_until: datetime | None


class HealthRegistry(Protocol):
    """核酸库 and 疫苗库. Called by the scan; an outage is an answer, never an exception."""

    def look_up(self, id_numbers: Sequence[str], *, timeout: timedelta) -> RegistryAnswer: ...
