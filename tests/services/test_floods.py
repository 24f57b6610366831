"""A flooded member: one notice with a count and a link, and nothing is lost or told twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.database import reading, transaction
from models.notifications import Notification
from tests.stories import Story
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.floods import merge_floods
from wxbackend.services.outbox import Letter, enqueue


@pytest.fixture
def story(dependencies, sandbox) -> Story:
    return Story(dependencies, sandbox)


def wait_for(story: Story, member: str, count: int, *, first: int = 0) -> None:
    now = story.dependencies.clock()
    with transaction() as session:
        for number in range(first, first + count):
            kind = (
                NotificationKind.PASSAGE_DENIED_OTHER
                if number % 7 == 0
                else NotificationKind.PASSAGE_ALLOWED_ROSTER
            )
            letter = Letter(
                event=f"passage:{number}",
                recipient=f"member:{member}",
                channel=Channel.YUEZHENGYI,
                kind=kind,
                address=member,
                content={"text": f"通知{number}"},
                not_after=now + timedelta(hours=24),
            )
            enqueue(session, letter, now=now)


def states() -> dict[str, int]:
    with reading() as session:
        found: dict[str, int] = {}
        for row in session.query(Notification).all():
            found[row.state.value] = found.get(row.state.value, 0) + 1
        return found


def test_more_than_twenty_become_one_with_a_count_and_a_link(story, sandbox):
    wait_for(story, "town-1", 35)
    assert merge_floods(story.dependencies) == 35
    story.send_all()
    (message,) = sandbox.messages(channel="yuezhengyi")
    assert "共有35条通行通知(允许通行30条,不予通行5条)" in str(message["text"])
    assert "/office/reservations?basis=decided" in str(message["url"])
    assert states() == {"sent": 36}


@pytest.mark.parametrize(("count", "merged"), [(20, 0), (21, 21)])
def test_the_boundary_is_twenty(story, count, merged):
    wait_for(story, "town-1", count)
    assert merge_floods(story.dependencies) == merged


def test_another_member_is_not_touched(story, sandbox):
    wait_for(story, "town-1", 25)
    wait_for(story, "town-2", 3)
    assert merge_floods(story.dependencies) == 25
    story.send_all()
    told = [str(message["to"]) for message in sandbox.messages(channel="yuezhengyi")]
    assert sorted(told) == ["town-1", "town-2", "town-2", "town-2"]


def test_merging_again_takes_only_what_came_since(story, sandbox):
    wait_for(story, "town-1", 25)
    merge_floods(story.dependencies)
    wait_for(story, "town-1", 5, first=100)
    assert merge_floods(story.dependencies) == 0
    story.send_all()
    assert len(sandbox.messages(channel="yuezhengyi")) == 6


def test_what_was_merged_fails_with_the_one_that_was_told_instead(story, sandbox, clock):
    wait_for(story, "town-2", 1, first=500)
    story.send_all()  # the token is fetched; the fault meets the message
    wait_for(story, "town-1", 25)
    merge_floods(story.dependencies)
    sandbox.fault("yuezhengyi", "errcode", value=81013, count=1)
    story.send_all()
    assert states() == {"failed": 26, "sent": 1}
