"""Every way in which a 粤政易 message fails, and what becomes of it: never lost, never two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from models.database import reading
from models.notifications import Notification
from tests.configuration import make_settings
from tests.outbox_world import OutboxWorld, arrived, to_member
from wxbackend.config.loading import Url
from wxbackend.domain.notifications import NotificationKind, NotificationState
from wxbackend.services.outbox import Letter

_S = NotificationState
HELD = 1.5  # seconds, longer than the timeout
SEND, TOKEN, UPLOAD = "message/send", "gettoken", "media/upload"
FOR_EVER = None

# fault, its value, how often it strikes → state in the end, messages that arrived
DECK = [
    ("refuse", None, 1, _S.SENT, 1),
    ("refuse", None, FOR_EVER, _S.UNKNOWN, 0),
    ("timeout", HELD, 1, _S.SENT, 1),
    ("timeout_after_effect", HELD, 1, _S.SENT, 1),
    ("timeout_after_effect", HELD, 3, _S.SENT, 1),
    ("garbage", None, 2, _S.SENT, 1),
    ("garbage", None, FOR_EVER, _S.UNKNOWN, 0),
    ("slow", 0.2, 2, _S.SENT, 1),
    ("http_500", None, 4, _S.SENT, 1),
    ("http_500", None, FOR_EVER, _S.FAILED, 0),
    ("errcode", -1, 2, _S.SENT, 1),
    ("errcode", -1, FOR_EVER, _S.FAILED, 0),
    ("errcode", 40014, 1, _S.SENT, 1),
    ("errcode", 41001, 1, _S.SENT, 1),
    ("errcode", 42001, 3, _S.SENT, 1),
    ("errcode", 45009, 3, _S.SENT, 1),
    ("errcode", 45009, FOR_EVER, _S.EXPIRED, 0),
    ("errcode", 45033, 2, _S.SENT, 1),
    ("errcode", 40001, 3, _S.SENT, 1),
    ("errcode", 40013, 1, _S.SENT, 1),
    ("errcode", 40056, 1, _S.SENT, 1),
    ("errcode", 60020, FOR_EVER, _S.EXPIRED, 0),
    ("errcode", 81013, 1, _S.FAILED, 0),
    ("errcode", 99999, 1, _S.FAILED, 0),
]
# The same where the token is fetched: whatever happens there, no message went out.
TOKEN_DECK = [
    ("refuse", None, 1, _S.SENT),
    ("timeout", HELD, 1, _S.SENT),
    ("garbage", None, 1, _S.SENT),
    ("http_500", None, FOR_EVER, _S.FAILED),
    ("garbage", None, FOR_EVER, _S.FAILED),
    ("errcode", -1, 2, _S.SENT),
    ("errcode", 45009, 1, _S.SENT),
    ("errcode", 40001, FOR_EVER, _S.EXPIRED),
]


# The gateway checks the time: a test that moves the sandbox's clock takes the other road.
PLAIN = pytest.mark.parametrize("settings", ["plain"], indirect=True)


@pytest.fixture
def settings(request, database_url, shared_store_url, key_file, tmp_path, sandbox):
    settings = make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        more='yuezhengyi.timeout = "1s"\n',
    )
    if not hasattr(request, "param"):
        return settings
    tif = replace(settings.yuezhengyi.tif, paas_id="")
    plain = replace(settings.yuezhengyi, base_url=Url(f"{sandbox.url}/qyapi"), tif=tif)
    return replace(settings, yuezhengyi=plain)


@pytest.fixture
def world(dependencies, sandbox, clock) -> OutboxWorld:
    # The shared store outlives a test: what another one left there is not this one's.
    dependencies.gateways.shared.drop("token:yuezhengyi")
    return OutboxWorld(dependencies, sandbox, clock)


def strike(sandbox, path, kind, value, count):
    fault = {"kind": kind, "value": value, "count": count, "path": path}
    sandbox.put("/sandbox/faults/yuezhengyi", fault)


@pytest.mark.parametrize(("kind", "value", "count", "state", "messages"), DECK)
def test_the_message_fails_so(world, sandbox, kind, value, count, state, messages):
    strike(sandbox, SEND, kind, value, count)
    world.put([to_member(1)])
    (row,) = world.work_until_settled()
    assert (row.state, arrived(sandbox, "yuezhengyi")[row.address]) == (state, messages)
    if (kind, value, count) == ("errcode", -1, FOR_EVER):
        assert world.calls("yuezhengyi", SEND) == 3


@pytest.mark.parametrize(("kind", "value", "count", "state"), TOKEN_DECK)
def test_a_token_that_is_not_got_tells_nobody(world, sandbox, kind, value, count, state):
    strike(sandbox, TOKEN, kind, value, count)
    world.put([to_member(1)])
    (row,) = world.work_until_settled()
    assert row.state is state
    assert world.calls("yuezhengyi", SEND) == (state is _S.SENT)


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        (UPLOAD, "timeout_after_effect", HELD),
        (UPLOAD, "garbage", None),
        (UPLOAD, "errcode", -1),
        (UPLOAD, "errcode", 42001),
        (SEND, "errcode", 40007),
        (SEND, "timeout_after_effect", HELD),
    ],
)
def test_a_file_arrives_once(world, sandbox, dependencies, path, kind, value):
    dependencies.gateways.files.write("digest-1.xlsx", b"PK sheet")
    strike(sandbox, path, kind, value, 1)
    world.put([file_letter()])
    (row,) = world.work_until_settled()
    assert row.state is _S.SENT
    assert arrived(sandbox, "yuezhengyi") == {"force-1": 1}


def test_a_file_that_is_gone_fails_at_once(world, sandbox):
    world.put([file_letter()])
    (row,) = world.work_until_settled()
    assert (row.state, row.attempts, row.last_answer) == (_S.FAILED, 1, "file_missing")


@PLAIN
def test_a_token_ends_between_messages(world, sandbox):
    for number, end in enumerate([None, "killed", "run out"]):
        if end == "killed":
            sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})
        if end == "run out":
            sandbox.put("/sandbox/clock", {"offset_seconds": 7300})
        world.put([to_member(number)])
        world.work()
    assert {row.state for row in world.work_until_settled()} == {_S.SENT}
    assert set(arrived(sandbox, "yuezhengyi").values()) == {1}


def test_who_is_not_there_fails_and_the_next_is_told(world, sandbox):
    letters = [to_member(1), to_member(2)]
    letters[0] = replace(letters[0], address="InvalidZhang")
    world.put(letters)
    assert [row.state for row in world.work_until_settled()] == [_S.FAILED, _S.SENT]


# ---- what may have arrived ---------------------------------------------------------------------


def test_what_may_have_arrived_is_not_called_failed(world, sandbox):
    strike(sandbox, SEND, "timeout_after_effect", HELD, 1)
    world.put([to_member(1)])
    world.work()
    strike(sandbox, SEND, "http_500", None, FOR_EVER)
    (row,) = world.work_until_settled()
    assert row.state is _S.UNKNOWN
    assert arrived(sandbox, "yuezhengyi") == {row.address: 1}


@PLAIN
def test_it_is_not_repeated_when_the_check_has_ended(world, sandbox, clock):
    strike(sandbox, SEND, "timeout_after_effect", HELD, 1)
    world.put([to_member(1)])
    world.work()
    strike(sandbox, SEND, "errcode", 60020, 1)  # the channel is held meanwhile
    clock.advance(minutes=2)
    world.work()
    sandbox.put("/sandbox/clock", {"offset_seconds": 5 * 3600})
    clock.advance(hours=5)
    (row,) = world.work_until_settled()
    assert row.state is _S.UNKNOWN
    assert arrived(sandbox, "yuezhengyi") == {row.address: 1}


def test_what_ends_while_it_is_open_is_unknown(world, sandbox, clock):
    strike(sandbox, SEND, "timeout_after_effect", HELD, 1)
    world.put([to_member(1), to_member(2)], valid_for=timedelta(minutes=30))
    world.work()
    with reading() as session:
        waiting = session.query(Notification).filter(Notification.state == _S.QUEUED).count()
    assert waiting == 1
    clock.advance(minutes=31)
    assert {row.state for row in world.work_until_settled()} == {_S.UNKNOWN, _S.SENT}


# ---- the digest --------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [3, 30])
@pytest.mark.parametrize(("kind", "value"), [("http_500", None), ("errcode", -1)])
def test_a_digest_outlasts_a_provider_that_is_down(world, sandbox, clock, hours, kind, value):
    strike(sandbox, SEND, kind, value, FOR_EVER)
    world.put([digest_letter()], valid_for=timedelta(days=7))
    for _ in range(hours * 4):
        world.work()
        clock.advance(minutes=15)
    assert arrived(sandbox, "yuezhengyi") == {}
    sandbox.delete("/sandbox/faults")
    clock.advance(minutes=17)
    world.work()
    assert arrived(sandbox, "yuezhengyi") == {"force-1": 1}


def file_letter() -> Letter:
    content = {"stored_as": "digest-1.xlsx", "file_name": "简报.xlsx"}
    return replace(digest_letter(), content=content)


def digest_letter() -> Letter:
    card = {"title": "简报", "text": "今天", "url": "https://example.cn/d/1", "button": "查看"}
    kind = NotificationKind.DIGEST
    return replace(to_member(1), kind=kind, address="force-1", content=card)
