"""An invented district: enterprises, drivers, tests and vaccinations in which every case occurs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from random import Random

from scripts.sample_people import Inventor
from scripts.sample_words import roads
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.moments import DISTRICT_TIME, to_local
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidResult

_C, _R = NucleicAcidClass, NucleicAcidResult


@dataclass(frozen=True, slots=True)
class SampleEnterprise:
    name: str
    credit_code: str
    town: str
    lead_name: str
    lead_phone: str
    address: str
    kind: str
    remark: str


@dataclass(frozen=True, slots=True)
class SampleEmployee:
    """A person on one roster, sometimes two; `nucleic_acid`, `result` and `doses` are intended.

    `result` is the newest test's; None without a test.
    """

    name: str
    id_type: IdType
    id_number: str
    phone: str
    plate_number: str
    position: str
    credit_codes: tuple[str, ...]
    nucleic_acid: NucleicAcidClass
    result: NucleicAcidResult | None
    doses: int


@dataclass(frozen=True, slots=True)
class SampleTest:
    id_number: str
    name: str
    tested_at: datetime
    result: NucleicAcidResult
    sampled_at: datetime
    agency: str


@dataclass(frozen=True, slots=True)
class SampleVaccination:
    id_number: str
    name: str
    dose_number: int
    vaccinated_on: date
    manufacturer: str


@dataclass(frozen=True, slots=True)
class District:
    """`made_at` is the moment that the classes are relative to."""

    made_at: datetime
    enterprises: tuple[SampleEnterprise, ...]
    employees: tuple[SampleEmployee, ...]
    tests: tuple[SampleTest, ...]
    vaccinations: tuple[SampleVaccination, ...]


@dataclass(frozen=True, slots=True)
class _Health:
    """The newest test's class, result and age in hours; each class holds for hours to come."""

    nucleic_acid: NucleicAcidClass
    result: NucleicAcidResult | None
    hours: tuple[int, int]
    weight: int


_HEALTH = (
    _Health(_C.NEGATIVE_24H, _R.NEGATIVE, (1, 10), weight=480),
    _Health(_C.NEGATIVE_48H, _R.NEGATIVE, (25, 34), weight=250),
    _Health(_C.NEGATIVE_72H, _R.NEGATIVE, (49, 58), weight=100),
    _Health(_C.NEGATIVE_7D, _R.NEGATIVE, (74, 150), weight=80),
    _Health(_C.OLDER, _R.NEGATIVE, (180, 800), weight=50),
    _Health(_C.NOT_NEGATIVE, _R.POSITIVE, (3, 60), weight=3),
    _Health(_C.NOT_NEGATIVE, _R.SUSPECT, (3, 30), weight=3),
    _Health(_C.NO_RECORD, None, (0, 0), weight=34),
)
_DOSES = {3: 660, 2: 260, 1: 30, 0: 20, 4: 30}
_TWO_ROSTERS = 0.04
_MOST_EARLIER_TESTS = 2
# Days before the next dose, or before today.
_DOSE_GAPS = {1: (28, 60), 2: (150, 200), 3: (60, 100), 4: (10, 40)}


def make_district(
    today: date | datetime, *, enterprises: int = 40, employees: int = 600, seed: int = 2022
) -> District:
    """The same arguments make the same district. A date stands for its noon.

    The first employees are of every 核酸 class and result with every number of doses, in order.
    """
    noon = datetime.combine(today, time(12), DISTRICT_TIME)
    made_at = today if isinstance(today, datetime) else noon
    inventor = Inventor(seed)
    companies = tuple(_enterprise(inventor, number) for number in range(enterprises))
    people = tuple(
        _employee(inventor, companies, health, doses)
        for health, doses in _cases(inventor.random, employees)
    )
    return District(
        made_at=made_at,
        enterprises=companies,
        employees=people,
        tests=tuple(test for one in people for test in _tests(inventor, one, made_at)),
        vaccinations=tuple(
            dose for one in people for dose in _vaccinations(inventor, one, made_at)
        ),
    )


def _cases(random: Random, count: int) -> Iterator[tuple[_Health, int]]:
    every = [(health, doses) for doses, health in product(_DOSES, _HEALTH)]
    yield from every[:count]
    for _ in range(count - len(every)):
        (health,) = random.choices(_HEALTH, [one.weight for one in _HEALTH])
        (doses,) = random.choices(list(_DOSES), list(_DOSES.values()))
        yield health, doses


def _enterprise(inventor: Inventor, number: int) -> SampleEnterprise:
    random = inventor.random
    town, road = list(roads().items())[number % len(roads())]
    return SampleEnterprise(
        name=inventor.company_name(),
        credit_code=inventor.credit_code(),
        town=town,
        lead_name=inventor.person_name(),
        lead_phone=inventor.mobile(),
        address=f"广州市南沙区{town}{road}{random.randrange(1, 400)}号",
        kind=inventor.word("kinds"),
        remark=inventor.word("remarks"),
    )


def _employee(
    inventor: Inventor, companies: tuple[SampleEnterprise, ...], health: _Health, doses: int
) -> SampleEmployee:
    random = inventor.random
    id_type, id_number = inventor.document()
    is_foreign = id_type is IdType.PASSPORT
    rosters = 2 if len(companies) > 1 and random.random() < _TWO_ROSTERS else 1
    return SampleEmployee(
        name=inventor.foreign_name() if is_foreign else inventor.person_name(),
        id_type=id_type,
        id_number=id_number,
        phone=inventor.mobile(),
        plate_number=inventor.plate(),
        position=inventor.word("positions"),
        credit_codes=tuple(one.credit_code for one in random.sample(companies, rosters)),
        nucleic_acid=health.nucleic_acid,
        result=health.result,
        doses=doses,
    )


def _tests(inventor: Inventor, one: SampleEmployee, made_at: datetime) -> Iterator[SampleTest]:
    """The newest test is the intended one; the ones before were negative."""
    health = next(
        h for h in _HEALTH if (h.nucleic_acid, h.result) == (one.nucleic_acid, one.result)
    )
    if health.result is None:
        return
    result, age = health.result, timedelta(hours=inventor.random.uniform(*health.hours))
    for _ in range(1 + inventor.random.randrange(_MOST_EARLIER_TESTS + 1)):
        tested_at = to_local(made_at - age).replace(second=0, microsecond=0)
        yield SampleTest(
            id_number=one.id_number,
            name=one.name,
            tested_at=tested_at,
            result=result,
            sampled_at=tested_at - timedelta(minutes=inventor.random.randrange(180, 600)),
            agency=inventor.word("laboratories"),
        )
        result = NucleicAcidResult.NEGATIVE
        age += timedelta(hours=inventor.random.uniform(40, 100))


def _vaccinations(
    inventor: Inventor, one: SampleEmployee, made_at: datetime
) -> Iterator[SampleVaccination]:
    vaccinated_on = to_local(made_at).date()
    maker = inventor.word("vaccine_makers")
    for number in range(one.doses, 0, -1):
        vaccinated_on -= timedelta(days=inventor.random.randint(*_DOSE_GAPS[number]))
        yield SampleVaccination(one.id_number, one.name, number, vaccinated_on, maker)
