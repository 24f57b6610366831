"""The 疫苗 rule: doses count by the highest dose number on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class VaccinationClass(StrEnum):
    NONE = "doses_0"
    ONE = "doses_1"
    TWO = "doses_2"
    THREE_OR_MORE = "doses_3_or_more"
    UNAVAILABLE = "vaccination_unavailable"


@dataclass(frozen=True, slots=True)
class Vaccination:
    dose_number: int
    vaccinated_on: date


@dataclass(frozen=True, slots=True)
class VaccinationFinding:
    """What the gate shows for one person; `doses` is the highest dose number, 0 without record."""

    kind: VaccinationClass
    doses: int = 0
    last_on: date | None = None


_CLASSES = (
    VaccinationClass.NONE,
    VaccinationClass.ONE,
    VaccinationClass.TWO,
    VaccinationClass.THREE_OR_MORE,
)


def count_doses(vaccinations: Iterable[Vaccination], on: date) -> VaccinationFinding:
    """Doses dated after `on` are ignored, as tests dated in the future are."""
    past = [dose for dose in vaccinations if dose.vaccinated_on <= on]
    if not past:
        return VaccinationFinding(VaccinationClass.NONE)
    highest = max(past, key=lambda dose: dose.dose_number)
    return VaccinationFinding(
        _CLASSES[min(highest.dose_number, 3)], highest.dose_number, highest.vaccinated_on
    )
