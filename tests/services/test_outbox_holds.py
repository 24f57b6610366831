"""A channel whose set-up is wrong, or whose quota is used up, waits as a whole."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.audit import AuditEntry
from models.channel_holds import ChannelHold
from models.database import reading, transaction
from models.notifications import Notification
from tests.people import ACTOR
from wxbackend.domain.channel_holds import probe_pause
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.moments import local_day
from wxbackend.domain.notification_filter import read_filter
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.channel_holds import HeldChannel, try_channel_again
from wxbackend.services.notification_views import show_list
from wxbackend.services.outbox import Letter, enqueue, heal, send_due

WRONG_AGENT = 40056


def write(story, count: int, channel=Channel.YUEZHENGYI, *, valid=timedelta(hours=24)) -> None:
    now = story.dependencies.clock()
    with transaction() as session:
        first = session.query(Notification).count()
        for number in range(first, first + count):
            address = f"1390000{number:04}" if channel is Channel.SMS else f"member-{number}"
            letter = Letter(
                event=f"test:{number}",
                recipient=address,
                channel=channel,
                kind=NotificationKind.PASSAGE_ALLOWED_OTHER,
                address=address,
                content={"text": f"第{number}条"},
                not_after=now + valid,
            )
            enqueue(session, letter, now=now)


def found() -> list[tuple[str, int]]:
    with reading() as session:
        query = text("SELECT state, attempts FROM notification ORDER BY id")
        return [(state, attempts) for state, attempts in session.execute(query)]


def holds(story) -> list[HeldChannel]:
    asked = read_filter({}, today=local_day(story.dependencies.clock()))
    return list(show_list(story.dependencies, DistrictScope(), asked, PageRequest()).holds)


def calls(sandbox, target: str = "yuezhengyi") -> int:
    return len(sandbox.get("/sandbox/calls", target=target))


@pytest.fixture
def wrong_agent(story, sandbox):
    """Three messages wait, and 粤政易 refuses our application."""
    sandbox.fault("yuezhengyi", "errcode", value=WRONG_AGENT, count=1000)
    write(story, 3)
    return story


def test_a_wrong_configuration_holds_the_channel_and_burns_no_try(wrong_agent, sandbox):
    wrong_agent.send_all()
    assert found() == [("queued", 0)] * 3
    assert calls(sandbox) == 1
    (hold,) = holds(wrong_agent)
    assert (hold.channel, hold.reason, hold.waiting) == ("yuezhengyi", "configuration", 3)
    assert hold.code.removeprefix("gettoken_") == str(WRONG_AGENT)


def test_the_other_channels_go_on(wrong_agent, sandbox):
    write(wrong_agent, 2, Channel.SMS)
    wrong_agent.send_all()
    assert found() == [("queued", 0)] * 3 + [("sent", 1)] * 2


def test_a_held_channel_is_probed_one_at_a_time_and_ever_less_often(wrong_agent, sandbox, clock):
    wrong_agent.send_all()
    pauses = []
    for _ in range(5):
        before, waited = calls(sandbox), 0
        while calls(sandbox) == before:
            clock.advance(seconds=10)
            waited += 10
            send_due(wrong_agent.dependencies, holder="test", limit=50)
        pauses.append(waited)
    least = [27, 54, 108, 216, 270]
    assert all(one <= pause <= one * 1.25 + 10 for one, pause in zip(least, pauses, strict=True))
    assert found() == [("queued", 0)] * 3


def test_once_the_configuration_is_right_everything_goes(wrong_agent, sandbox, clock, caplog):
    with caplog.at_level(logging.WARNING, logger="wxbackend"):
        wrong_agent.send_all()
        sandbox.delete("/sandbox/faults")
        wrong_agent.send_all()
        assert sandbox.messages(channel="yuezhengyi") == []
        clock.advance(seconds=34)
        wrong_agent.send_all()
    assert found() == [("sent", 1)] * 3
    assert holds(wrong_agent) == []
    said = [record.message for record in caplog.records if record.message.startswith("channel ")]
    assert said == ["channel held", "channel freed"]


def test_the_most_urgent_is_the_probe(wrong_agent, sandbox, clock):
    write(wrong_agent, 1, valid=timedelta(minutes=5))
    wrong_agent.send_all()
    sandbox.fault("yuezhengyi", "http_500", count=1)
    clock.advance(seconds=34)
    send_due(wrong_agent.dependencies, holder="test", limit=50)
    # Its own failure counts, and says nothing about the channel.
    assert found() == [("queued", 0)] * 3 + [("queued", 1)]
    assert holds(wrong_agent) == []


def test_what_waits_for_a_channel_still_expires(wrong_agent, sandbox, clock):
    wrong_agent.send_all()
    clock.advance(hours=25)
    heal(wrong_agent.dependencies)
    wrong_agent.send_all()
    assert found() == [("expired", 0)] * 3
    assert calls(sandbox) == 1


def test_a_person_has_it_tried_at_once(wrong_agent, sandbox):
    wrong_agent.send_all()
    sandbox.delete("/sandbox/faults")
    assert try_channel_again(wrong_agent.dependencies, Channel.YUEZHENGYI, actor=ACTOR)
    wrong_agent.send_all()
    assert found() == [("sent", 1)] * 3
    assert not try_channel_again(wrong_agent.dependencies, Channel.YUEZHENGYI, actor=ACTOR)
    with reading() as session:
        (entry,) = session.query(AuditEntry).filter_by(action="try_channel_again").all()
        assert (entry.object_kind, entry.object_id) == ("channel", "yuezhengyi")


@pytest.fixture
def with_token(story):
    """The platform's token is known, so that a fault strikes the message itself."""
    story.dependencies.gateways.members.send_text(member_id="first", text="1", reference=1)
    return story


def test_a_used_up_quota_holds_the_channel_until_its_wait_is_over(with_token, sandbox, clock):
    sandbox.fault("yuezhengyi", "errcode", value=45009, count=1)
    write(with_token, 3)
    with_token.send_all()
    assert found() == [("queued", 0)] * 3
    (hold,) = holds(with_token)
    assert (hold.reason, hold.next_probe_at - hold.since) == ("quota", timedelta(seconds=60))
    clock.advance(seconds=59)
    with_token.send_all()
    assert found() == [("queued", 0)] * 3
    clock.advance(seconds=1)
    with_token.send_all()
    assert found() == [("sent", 1)] * 3


def test_too_many_at_once_backs_off_this_message_alone(with_token, sandbox):
    sandbox.fault("yuezhengyi", "errcode", value=45033, count=1)
    write(with_token, 3)
    with_token.send_all()
    assert found() == [("queued", 1), ("sent", 1), ("sent", 1)]
    assert holds(with_token) == []


def test_two_senders_hold_once_and_probe_once(wrong_agent, app, sandbox, clock):
    def send(number: int) -> None:
        with app.app_context():
            send_due(wrong_agent.dependencies, holder=f"thread-{number}", limit=1)

    for seconds, expected in ((0, 3), (34, 1)):
        clock.advance(seconds=seconds)
        before = calls(sandbox)
        threads = [threading.Thread(target=send, args=[number]) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert calls(sandbox) - before <= expected
    assert calls(sandbox) >= 2
    with reading() as session:
        (hold,) = session.query(ChannelHold).all()
        assert hold.probes == 1
    assert found() == [("queued", 0)] * 3


def test_sms_are_held_only_when_every_provider_refuses(story, sandbox):
    sandbox.fault("sms.mas", "errcode", value="IllegalMac", count=1)
    write(story, 2, Channel.SMS)
    story.send_all()
    (hold,) = holds(story)
    assert (hold.channel, hold.provider, hold.code) == ("sms", "mas", "IllegalMac")
    assert found() == [("queued", 0)] * 2


def test_pauses_between_probes_grow_to_five_minutes():
    seconds = [probe_pause(number, chance=0.5).total_seconds() for number in range(6)]
    assert seconds == [30, 60, 120, 240, 300, 300]
    assert probe_pause(0, chance=0).total_seconds() == 27
    assert probe_pause(10_000, chance=0.999).total_seconds() < 331
