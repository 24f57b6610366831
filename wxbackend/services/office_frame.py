"""What surrounds every page of the back office: how current the registers are, what needs care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import reading
from models.office_frame import PlaceChoices as PlaceChoices  # pages name it
from models.office_frame import frame_facts as read_facts
from models.office_frame import place_choices as read_choices
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.job_views import stand_still

_NOTIFICATIONS_OF = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Freshness:
    """A register's newest moment; stale when it is unknown, or too old to decide by."""

    data_until: datetime | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Frame:
    nucleic_acid: Freshness
    vaccination: Freshness
    failed_notifications: int
    unknown_notifications: int
    jobs_stand_still: bool

    @property
    def notifications_to_see(self) -> int:
        return self.failed_notifications + self.unknown_notifications


def office_frame(dependencies: Dependencies) -> Frame:
    now = dependencies.clock()
    with reading() as session:
        facts = read_facts(session, since=now - _NOTIFICATIONS_OF)
    oldest = now - dependencies.policy.gate.register_fresh_for

    tests, doses = facts.nucleic_acid_until, facts.vaccination_until
    return Frame(
        Freshness(tests, tests is None or tests < oldest),
        Freshness(doses, doses is None),  # a dose does not grow old
        facts.failed_notifications,
        facts.unknown_notifications,
        jobs_stand_still=stand_still(facts.leader_beat_at, now),
    )


def place_choices() -> PlaceChoices:
    """What filters offer: towns, checkpoints, denial reasons."""
    with reading() as session:
        return read_choices(session)
