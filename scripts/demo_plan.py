"""Invented journeys of the last days: who drove where and when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from scripts.sample_district import District, SampleEmployee
from scripts.sample_people import Inventor
from scripts.sample_words import words
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.nucleic_acid import NucleicAcidClass
from wxbackend.domain.reservation import (
    HealthCode,
    IdentityAssurance,
    ReservationState,
    VehicleType,
)

_S, _C = ReservationState, NucleicAcidClass
_DAYS = 14
_A_DAY = 135
_STRANGERS = 90
# Trucks by hour of the day.
_HOURS = (5, 4, 3, 3, 5, 10, 18, 26, 34, 36, 33, 28, 22, 26, 32, 34, 33, 28, 22, 17, 14, 11, 8, 6)
_DENIED = 0.04
_NEVER_CAME = {_S.CANCELLED: 0.035, _S.EXPIRED: 0.03}
_OPEN_TURNS = 9  # of so many that wait, one has failed its identity check and one has not ended it
_HEALTH = {_C.NEGATIVE_24H: 56, _C.NEGATIVE_48H: 30, _C.NEGATIVE_72H: 9, _C.NEGATIVE_7D: 5}
_BAD_HEALTH = (_C.NEGATIVE_7D, _C.OLDER, _C.NO_RECORD)
_DOSES = {3: 66, 2: 28, 1: 3, 0: 3}
_FREE_REASON = 0.08
VALID_AFTER_ARRIVAL = timedelta(hours=24)
BEFORE_THE_GATE = frozenset({_S.PENDING_IDENTITY, _S.IDENTITY_FAILED})


@dataclass(frozen=True, slots=True)
class Trucker:
    """Somebody who drives; `credit_codes` are the rosters that know them, none for strangers."""

    name: str
    id_type: IdType
    id_number: str
    phone: str
    plate_number: str
    vehicle_type: VehicleType
    enterprise_name: str
    credit_codes: tuple[str, ...]
    town: str  # where they usually go


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision at the gate; no reason for those who passed."""

    at: datetime
    reason: str
    nucleic_acid: NucleicAcidClass
    doses: int


@dataclass(slots=True)
class Journey:
    trucker: Trucker
    passengers: tuple[Trucker, ...]
    town: str
    checkpoint: str
    created_at: datetime
    arrival_at: datetime
    state: ReservationState = _S.RESERVED
    state_changed_at: datetime = field(init=False)
    decided: Decided | None = None
    health_code: HealthCode = HealthCode.GREEN
    high_risk_travel: bool = False
    symptoms: bool = False
    origin: str = ""
    via: str = ""
    cargo: str = ""

    def __post_init__(self) -> None:
        self.state_changed_at = self.created_at


class Planner:
    """The same arguments plan the same journeys, relative to `now`."""

    def __init__(
        self,
        district: District,
        *,
        now: datetime,
        towns: Sequence[str],
        checkpoints: Sequence[str],
        reasons: Sequence[str],
        seed: int,
    ) -> None:
        self.now, self._towns, self._checkpoints = now, towns, checkpoints
        self._reasons = reasons
        self._inventor = Inventor(seed)
        self.random: Random = self._inventor.random
        names = {one.credit_code: one for one in district.enterprises}
        self._known = [
            self._employee(one, names[one.credit_codes[0]].name, names[one.credit_codes[0]].town)
            for one in district.employees
        ]
        self._strangers = [self._stranger() for _ in range(_STRANGERS)]

    def journeys(self) -> list[Journey]:
        """Oldest first by when they were reserved; those of tomorrow are still to come."""
        today = local_day(self.now)
        found = []
        for days_ago in range(_DAYS - 1, -2, -1):
            day = today - timedelta(days=days_ago)
            count = int(
                _A_DAY * self.random.uniform(0.85, 1.15) * (0.75 if day.weekday() > 4 else 1)
            )
            start, _ = day_bounds(day)
            planned = [self._journey(start) for _ in range(count if days_ago >= 0 else count // 3)]
            found += [one for one in planned if one.created_at < self.now]
        for journey in found:
            self._live(journey)
        self._leave_some_unproved(found)
        return sorted(found, key=lambda one: one.created_at)

    # ---- people ----

    def _employee(self, one: SampleEmployee, enterprise: str, town: str) -> Trucker:
        return Trucker(
            one.name,
            one.id_type,
            one.id_number,
            one.phone,
            one.plate_number,
            self.random.choice(list(VehicleType)),
            enterprise,
            one.credit_codes,
            town,
        )

    def _stranger(self) -> Trucker:
        id_type, id_number = self._inventor.document()
        works_somewhere = self.random.random() < 0.4
        return Trucker(
            self._inventor.person_name(),
            id_type,
            id_number,
            self._inventor.mobile(),
            self._inventor.plate(),
            self.random.choice(list(VehicleType)),
            self._inventor.company_name() if works_somewhere else "",
            (),
            self.random.choice(self._towns),
        )

    # ---- journeys ----

    def _journey(self, day_start: datetime) -> Journey:
        random = self.random
        known = random.random() < 0.76
        trucker = random.choice(self._known if known else self._strangers)
        (hour,) = random.choices(range(24), _HOURS)
        arrival_at = day_start + timedelta(
            hours=hour, minutes=random.choice((0, 10, 20, 30, 40, 50))
        )
        mates = random.choices((0, 1, 2), (76, 18, 6))[0]
        return Journey(
            trucker,
            passengers=tuple(random.sample(self._known, mates)) if known else (),
            town=trucker.town if random.random() < 0.65 else random.choice(self._towns),
            checkpoint=random.choices(self._checkpoints, range(len(self._checkpoints) + 2, 2, -1))[
                0
            ],
            created_at=arrival_at
            - timedelta(minutes=random.randrange(40, 1300), seconds=random.randrange(60)),
            arrival_at=arrival_at,
            origin=random.choice(words("origins")),
            via=random.choice(words("ways")),
            cargo=random.choice(words("cargoes")),
        )

    def _live(self, journey: Journey) -> None:
        """What became of the journey by now."""
        random = self.random
        came_at = journey.arrival_at + timedelta(
            minutes=random.randint(-35, 50), seconds=random.randrange(60)
        )
        ends_at = journey.arrival_at + VALID_AFTER_ARRIVAL
        chance, fate = random.random(), _S.RESERVED
        for state, part in _NEVER_CAME.items():
            if fate is _S.RESERVED and chance < part:
                fate = state
            chance -= part
        if fate is _S.CANCELLED and journey.created_at + timedelta(minutes=30) < self.now:
            journey.state, journey.state_changed_at = (
                fate,
                journey.created_at + timedelta(minutes=30),
            )
        elif fate is _S.EXPIRED and ends_at < self.now:
            journey.state, journey.state_changed_at = fate, ends_at
        elif fate is _S.RESERVED and came_at <= self.now:
            self._decide(journey, max(came_at, journey.created_at + timedelta(minutes=5)))

    def _leave_some_unproved(self, journeys: Sequence[Journey]) -> None:
        waiting = [one for one in journeys if one.state is _S.RESERVED and _is_checkable(one)]
        for turn, state in ((3, _S.IDENTITY_FAILED), (7, _S.PENDING_IDENTITY)):
            for journey in waiting[turn::_OPEN_TURNS]:
                journey.state = state

    def _decide(self, journey: Journey, at: datetime) -> None:
        random = self.random
        at = min(at, self.now)
        (kind,) = random.choices(list(_HEALTH), list(_HEALTH.values()))
        (doses,) = random.choices(list(_DOSES), list(_DOSES.values()))
        reason = ""
        if random.random() < _DENIED:
            is_free = random.random() < _FREE_REASON
            number = random.choices(range(len(self._reasons)), range(len(self._reasons), 0, -1))[0]
            reason = random.choice(words("other_reasons")) if is_free else self._reasons[number]
            kind = self._show_why(journey, None if is_free else number, kind)
        journey.decided = Decided(at, reason, kind, doses)
        journey.state = _S.DENIED if reason else _S.PASSED
        journey.state_changed_at = at

    def _show_why(
        self, journey: Journey, number: int | None, kind: NucleicAcidClass
    ) -> NucleicAcidClass:
        """Let the papers agree with the reason; the six stand in the order of the manual."""
        if number == 0:
            journey.health_code = HealthCode.YELLOW
        elif number == 1:
            journey.health_code = HealthCode.RED
        elif number == 2:
            return self.random.choice(_BAD_HEALTH)
        elif number == 3:
            journey.high_risk_travel = True
        elif number == 4:
            journey.symptoms = True
        return kind


def _is_checkable(journey: Journey) -> bool:
    return journey.trucker.id_type is IdType.RESIDENT_ID


def identity_of(journey: Journey) -> IdentityAssurance:
    if not _is_checkable(journey):
        return IdentityAssurance.NOT_CHECKABLE
    waits = journey.state in BEFORE_THE_GATE
    return IdentityAssurance.PENDING if waits else IdentityAssurance.CHECKED
