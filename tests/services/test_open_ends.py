"""A message that may have arrived: repeated only while that is safe, and never called failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.outbox_world import OutboxWorld, rows, sms, to_member
from tests.people import ACTOR
from tests.platform_twins import Fate, Killed, KillingClock, Platforms, with_twins
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.floods import merge_floods
from wxbackend.services.notifications import send_one_again

_S = NotificationState


@pytest.fixture
def platforms() -> Platforms:
    return Platforms(KillingClock(datetime(2022, 4, 22, 1, tzinfo=UTC)))


@pytest.fixture
def world(dependencies, platforms) -> OutboxWorld:
    return OutboxWorld(with_twins(dependencies, platforms), None, platforms.clock)


def killed_while_sending(world):
    with pytest.raises(Killed):
        world.work()


def test_an_open_last_try_is_unknown_not_failed(world, platforms):
    platforms.fates.extend([Fate.LOST_AFTER] + [Fate.LOST_BEFORE] * 4)
    world.put([to_member(1)])
    (row,) = world.work_until_settled()
    assert (row.state, row.attempts, len(platforms.inbox)) == (_S.UNKNOWN, 5, 1)


@pytest.mark.parametrize("later", [Fate.BUSY, Fate.REFUSED])
def test_a_refusal_does_not_undo_an_open_try(world, platforms, later):
    platforms.fates.extend([Fate.LOST_AFTER] + [later] * 4)
    world.put([to_member(1)])
    (row,) = world.work_until_settled()
    assert row.state is _S.UNKNOWN


def test_what_may_have_arrived_does_not_expire(world, platforms):
    platforms.fates.append(Fate.LOST_AFTER)
    world.put([to_member(1)], valid_for=timedelta(seconds=30))
    (row,) = world.work_until_settled()
    assert (row.state, len(platforms.calls)) == (_S.UNKNOWN, 1)


@pytest.mark.parametrize("fate", [Fate.KILLED_AFTER, Fate.LOST_AFTER])
@pytest.mark.parametrize(("hours", "state", "calls"), [(2, _S.SENT, 2), (4, _S.UNKNOWN, 1)])
def test_it_is_repeated_only_in_the_check_window(world, platforms, fate, hours, state, calls):
    platforms.fates.append(fate)
    world.put([to_member(1)])
    if fate is Fate.KILLED_AFTER:
        killed_while_sending(world)
    else:
        world.work()
    platforms.clock.advance(hours=hours)  # nobody was there to send
    world.work()
    assert rows()[0].state is state
    assert (len(platforms.inbox), len(platforms.calls)) == (1, calls)


def test_a_member_s_message_is_not_tried_for_ever(world, platforms):
    platforms.fates.extend([Fate.KILLED_BEFORE] * 9)
    world.put([to_member(1)])
    for _ in range(5):
        killed_while_sending(world)
        platforms.clock.advance(minutes=2)
    (row,) = world.work_until_settled()
    assert (row.state, row.attempts) == (_S.UNKNOWN, 5)


def test_another_one_sent_again_closes_no_open_end(world, platforms):
    platforms.fates.extend([Fate.LOST_AFTER, Fate.REFUSED])
    world.put([to_member(1), to_member(2)], valid_for=timedelta(seconds=30))
    world.work()
    _, refused = rows()
    assert refused.state is _S.FAILED
    send_one_again(
        world.dependencies, DistrictScope(), refused.public_id, seen=_S.FAILED, actor=ACTOR
    )
    first, second = world.work_until_settled()
    assert (first.state, second.state) == (_S.UNKNOWN, _S.SENT)


def test_a_certain_refusal_leaves_nothing_open(world, platforms):
    platforms.fates.extend([Fate.BUSY] * 5)
    world.put([to_member(1)])
    (row,) = world.work_until_settled()
    assert row.state is _S.FAILED


def test_what_was_merged_ends_with_its_notice(world, platforms):
    kind = NotificationKind.PASSAGE_DENIED_OTHER
    world.put(
        [replace(to_member(n), kind=kind, address="busy") for n in range(21)],
        valid_for=timedelta(hours=1),
    )
    merge_floods(world.dependencies)
    platforms.clock.advance(hours=2)
    world.work()
    assert {row.state for row in rows()} == {_S.EXPIRED}


def test_what_was_merged_takes_no_part_of_the_pace(world, platforms):
    kind = NotificationKind.PASSAGE_DENIED_OTHER
    world.put([replace(to_member(n), kind=kind, address="busy") for n in range(30)])
    world.work()
    assert len(platforms.inbox) == 1
    world.put([replace(to_member(31), address="busy")])
    world.work()
    assert len(platforms.inbox) == 2


def test_a_killed_sender_of_texts_leaves_one_unknown(world, platforms):
    platforms.fates.append(Fate.KILLED_AFTER)
    world.put([sms(1), sms(2)])
    killed_while_sending(world)
    found = {row.event: row.state for row in world.work_until_settled()}
    assert found == {"test:1": _S.UNKNOWN, "test:2": _S.SENT}
    assert {row.channel for row in rows()} == {Channel.SMS}
