"""Erasure: after thirty days nothing personal is left of a reservation, and the counts are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading
from models.passages import count_passages
from models.reservations import count_reservations
from tests.people import resident_id
from tests.stories import EVERYWHERE, Story
from wxbackend.domain.errors import NotFound
from wxbackend.domain.reservation import Verdict
from wxbackend.services.reservation_views import list_own, show_own
from wxbackend.services.retention import erase_old_reservations

NAME, PLATE = "黎某某", "粤A98765"


@pytest.fixture
def story(dependencies, sandbox) -> Story:
    return Story(dependencies, sandbox)


def passed(story: Story):
    guard = story.guard()
    reserved = story.reserve(name=NAME, plate_number=PLATE, id_number=resident_id(3))
    story.decide(guard, story.scan(guard, reserved.token), Verdict.DENIED, "体温异常")
    story.send_all()
    return reserved


def everything_written(story: Story) -> str:
    """Every readable value of the tables that tell of reservations, decrypted by the models."""
    from models.audit import AuditPersonalPart
    from models.notifications import Notification
    from models.passages import Passage, Scan
    from models.reservations import Passenger, Reservation

    found = []
    with reading() as session:
        tables = (Reservation, Passenger, Scan, Passage, Notification, AuditPersonalPart)
        for table in tables:
            for row in session.query(table).all():
                found += [str(getattr(row, column.key)) for column in table.__table__.columns]
    return "\n".join(found)


def test_nothing_personal_is_left_after_thirty_days(story, clock):
    reserved = passed(story)
    assert NAME in everything_written(story)
    clock.advance(days=30, seconds=1)
    assert erase_old_reservations(story.dependencies) == 1
    left = everything_written(story)
    for secret in (NAME, PLATE, resident_id(3), "13800005678"):
        assert secret not in left
    with pytest.raises(NotFound):
        show_own(story.dependencies, reserved.scope, reserved.public_id)
    assert erase_old_reservations(story.dependencies) == 0


def test_before_thirty_days_everything_is_there(story, clock):
    reserved = passed(story)
    clock.advance(days=29, hours=23)
    assert erase_old_reservations(story.dependencies) == 0
    assert show_own(story.dependencies, reserved.scope, reserved.public_id)


def test_a_reservation_under_way_is_never_erased(story, clock):
    reserved = story.reserve()
    clock.advance(days=60)
    assert erase_old_reservations(story.dependencies) == 0
    assert list_own(story.dependencies, reserved.scope, limit=5)


def test_the_passages_are_still_counted(story, clock):
    passed(story)
    day = (clock.now - timedelta(days=1), clock.now + timedelta(days=1))
    clock.advance(days=31)
    erase_old_reservations(story.dependencies)
    with reading() as session:
        counts = count_passages(session, EVERYWHERE, start=day[0], end=day[1])
        assert counts[Verdict.DENIED] == 1
        assert count_reservations(session, EVERYWHERE) == 0


def test_the_erasure_itself_is_audited(story, clock):
    passed(story)
    clock.advance(days=31)
    erase_old_reservations(story.dependencies)
    with reading() as session:
        query = text("SELECT count(*) FROM audit_entry WHERE action = 'erase_reservations'")
        assert session.execute(query).scalar_one() == 1
