"""Who gets a digest, while recipients come and go and the provider is away."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import openpyxl
import pytest
import requests

from models.database import reading
from models.digests import Digest, DigestLink
from models.notifications import Notification
from tests.configuration import make_settings
from tests.outbox_world import OutboxWorld
from tests.people import ACTOR
from tests.stories import Story
from wxbackend.domain.alert_recipients import AlertList, Audience
from wxbackend.domain.errors import NotFound
from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import DistrictScope
from wxbackend.services import alerts
from wxbackend.services.alert_views import show_lists
from wxbackend.services.digest_files import delete_old_digest_files
from wxbackend.services.digest_views import digest_of_link
from wxbackend.services.digests import make_due_digests

_S = NotificationState
EVERYWHERE, TASK_FORCE = DistrictScope(), AlertList(Audience.TASK_FORCE)
NOBODY_THERE = {"kind": "http_500", "value": None, "count": None, "path": "message/send"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2022, 4, day, hour, minute, tzinfo=DISTRICT_TIME)


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    made = make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
    )
    return replace(made, digests=replace(made.digests, send_file=True))


@pytest.fixture
def story(dependencies, sandbox, clock) -> Story:
    """One denied truck on the evening of the 21st."""
    clock.now = at(21, 19)
    story = Story(dependencies, sandbox)
    guard = story.guard()
    reserved = story.reserve(phone="13800005678")
    story.decide(guard, story.scan(guard, reserved.token), Verdict.DENIED, "体温异常")
    return story


@pytest.fixture
def world(story, dependencies, sandbox, clock) -> OutboxWorld:
    world = OutboxWorld(dependencies, sandbox, clock)
    world.work()
    sandbox.delete("/sandbox/messages")
    return world


def add(story: Story, member_id: str) -> str:
    raw = {"name": "周启明", "member_id": member_id, "phone": ""}
    alerts.add_alert_recipient(story.dependencies, EVERYWHERE, TASK_FORCE, raw, actor=ACTOR)
    rows = show_lists(story.dependencies, EVERYWHERE)
    return next(row for row in rows if row.of == TASK_FORCE).recipients[-1].public_id


def change(story: Story, public_id: str, **changes: str) -> None:
    raw = {"name": "周启明", "member_id": "", "phone": "", **changes}
    alerts.change_alert_recipient(story.dependencies, EVERYWHERE, public_id, raw, actor=ACTOR)


def told(sandbox) -> list[tuple[str, str | None]]:
    found = sandbox.messages(channel="yuezhengyi")
    return [(str(message["to"]), message["file_name"]) for message in found]


def token_to(sandbox, member_id: str) -> str:
    urls = [m["url"] for m in sandbox.messages(channel="yuezhengyi", to=member_id)]
    return next(str(url).rpartition("/")[2] for url in urls if "/digest/" in str(url))


def states() -> set[NotificationState]:
    with reading() as session:
        rows = session.query(Notification).filter(Notification.event.startswith("digest:"))
        return {row.state for row in rows}


def test_card_and_file_arrive_and_the_file_opens(story, world, sandbox, clock):
    add(story, "force-1")
    clock.now = at(22, 12, 1)
    assert make_due_digests(story.dependencies) == 1
    world.work()
    name = "卡口通行简报2022年4月21日18点至2022年4月22日12点.xlsx"
    assert told(sandbox) == [("force-1", None), ("force-1", name)]
    message = sandbox.messages(channel="yuezhengyi")[1]
    content = requests.get(sandbox.url + str(message["url"]), timeout=5).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    (row,) = sheet.iter_rows(min_row=2, values_only=True)
    assert row[2:] == ("13800005678", None, "2022-04-21 19:00:00", "体温异常")


def test_the_kept_file_ends_with_the_links(story, world, clock, dependencies):
    add(story, "force-1")
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    world.work()
    clock.now = datetime.now(DISTRICT_TIME)  # files carry the real time
    assert delete_old_digest_files(dependencies) == 0
    clock.advance(days=7, minutes=1)
    assert delete_old_digest_files(dependencies) == 2  # the file, and what the platform calls it
    assert delete_old_digest_files(dependencies) == 0


def test_down_from_noon_to_three_it_arrives_then(story, world, sandbox, clock):
    """What an office expects: nothing at noon, everything soon after the provider is back."""
    add(story, "force-1")
    sandbox.put("/sandbox/faults/yuezhengyi", NOBODY_THERE)
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    while clock.now < at(22, 15):
        world.work()
        clock.advance(minutes=5)
    assert (told(sandbox), states()) == ([], {_S.QUEUED})
    sandbox.delete("/sandbox/faults")
    clock.advance(minutes=17)
    world.work()
    assert len(told(sandbox)) == 2
    assert states() == {_S.SENT}


def test_missed_windows_arrive_oldest_first(story, world, sandbox, clock):
    add(story, "force-1")
    clock.now = at(24, 9)
    assert make_due_digests(story.dependencies) == 4
    world.work()
    texts = [str(m["text"]) for m in sandbox.messages(channel="yuezhengyi") if m["url"]]
    days = [text.split("到2022年4月")[1][:6] for text in texts if "到2022年4月" in text]
    assert days == ["22日12点", "22日18点", "23日12点", "23日18点"]


def test_who_is_removed_gets_nothing_that_still_waits(story, world, sandbox, clock):
    leaving = add(story, "force-1")
    add(story, "force-2")
    sandbox.put("/sandbox/faults/yuezhengyi", NOBODY_THERE)
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    world.work()
    alerts.remove_alert_recipient(story.dependencies, EVERYWHERE, leaving, actor=ACTOR)
    sandbox.delete("/sandbox/faults")
    clock.advance(minutes=2)
    world.work()
    assert {member for member, _ in told(sandbox)} == {"force-2"}
    assert states() == {_S.EXPIRED, _S.SENT}


def link_after(story: Story, world: OutboxWorld, clock: Any) -> str:
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    world.work()
    token = token_to(world.sandbox, "force-1")
    assert digest_of_link(story.dependencies, token)[1] == "周启明"
    return token


def test_a_link_ends_when_its_recipient_is_removed(story, world, clock):
    leaving = add(story, "force-1")
    token = link_after(story, world, clock)
    alerts.remove_alert_recipient(story.dependencies, EVERYWHERE, leaving, actor=ACTOR)
    with pytest.raises(NotFound):
        digest_of_link(story.dependencies, token)
    with reading() as session:
        assert session.query(DigestLink).count() == 0


@pytest.mark.parametrize(
    ("changes", "lives"),
    [({"member_id": "force-9"}, False), ({"member_id": "Force-1"}, True), ({"name": "何"}, True)],
)
def test_a_link_ends_with_another_account(story, world, clock, changes, lives):
    recipient = add(story, "force-1")
    token = link_after(story, world, clock)
    change(story, recipient, **changes)
    with reading() as session:
        assert session.query(DigestLink).count() == lives
    if lives:
        digest_of_link(story.dependencies, token)


def test_who_is_added_gets_the_next_one(story, world, sandbox, clock):
    add(story, "force-1")
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    add(story, "force-2")
    clock.now = at(22, 18, 1)
    make_due_digests(story.dependencies)
    world.work()
    assert [member for member, file in told(sandbox) if not file].count("force-2") == 1
    with reading() as session:
        counts = [row.recipient_count for row in session.query(Digest).order_by(Digest.id)]
    assert counts == [1, 2]
