"""Every way in which a WeChat template message fails, and what becomes of it: never lost or two."""

from __future__ import annotations

import pytest

from tests.configuration import make_settings
from tests.outbox_world import OutboxWorld, arrived, wechat
from wxbackend.domain.notifications import NotificationState

_S = NotificationState
HELD = 1.5  # seconds, longer than the timeout
SEND, TOKEN = "/cgi-bin/message/template/send", "/cgi-bin/stable_token"

# fault, its value, how often it strikes (None: for ever) → state in the end, messages that arrived
DECK = [
    ("refuse", None, 1, _S.UNKNOWN, 0),
    ("timeout", HELD, 1, _S.UNKNOWN, 0),
    ("timeout_after_effect", HELD, 1, _S.UNKNOWN, 1),
    ("garbage", None, 1, _S.UNKNOWN, 0),
    ("slow", 0.2, 1, _S.SENT, 1),
    ("http_500", None, 1, _S.SENT, 1),
    ("http_500", None, None, _S.FAILED, 0),
    ("errcode", -1, 1, _S.SENT, 1),
    ("errcode", -1, None, _S.FAILED, 0),
    ("errcode", 45009, 1, _S.SENT, 1),
    ("errcode", 45009, None, _S.EXPIRED, 0),
    ("errcode", 40001, 1, _S.SENT, 1),
    ("errcode", 40014, 1, _S.SENT, 1),
    ("errcode", 42001, 1, _S.SENT, 1),
    ("errcode", 42001, 3, _S.SENT, 1),
    ("errcode", 48001, 2, _S.SENT, 1),
    ("errcode", 40003, None, _S.FAILED, 0),
    ("errcode", 40037, None, _S.FAILED, 0),
    ("errcode", 43004, None, _S.FAILED, 0),
    ("errcode", 43101, None, _S.FAILED, 0),
    ("errcode", 47003, None, _S.FAILED, 0),
]
# The same where the token is fetched: whatever happens there, no message went out.
TOKEN_DECK = [
    ("refuse", None),
    ("timeout", HELD),
    ("timeout_after_effect", HELD),
    ("garbage", None),
    ("slow", 0.2),
    ("http_500", None),
    ("errcode", -1),
    ("errcode", 45009),
    ("errcode", 40125),
]


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        more='wechat.timeout = "1s"\n',
    )


@pytest.fixture
def world(dependencies, sandbox, clock) -> OutboxWorld:
    # The shared store outlives a test: what another one left there is not this one's.
    app_id = dependencies.gateways.wechat.app_id
    for key in (f"token:wechat.{app_id}", f"wechat.holds:{app_id}"):
        dependencies.gateways.shared.drop(key)
    return OutboxWorld(dependencies, sandbox, clock)


@pytest.fixture
def openid(sandbox) -> str:
    return next(p["openid"] for p in sandbox.personas() if p["subscribed"])


def strike(sandbox, path, kind, value, count):
    fault = {"kind": kind, "value": value, "count": count, "path": path}
    sandbox.put("/sandbox/faults/wechat", fault)


@pytest.mark.parametrize(("kind", "value", "count", "state", "messages"), DECK)
def test_the_message_fails_so(world, sandbox, openid, kind, value, count, state, messages):
    strike(sandbox, SEND, kind, value, count)
    world.put([wechat(1, openid)])
    (row,) = world.work_until_settled()
    assert (row.state, arrived(sandbox, "wechat")[openid]) == (state, messages)
    if state is _S.UNKNOWN:
        assert world.calls("wechat", SEND) == 1


@pytest.mark.parametrize(("kind", "value"), TOKEN_DECK)
def test_a_token_that_is_not_got_only_delays(world, sandbox, openid, kind, value):
    strike(sandbox, TOKEN, kind, value, 1)
    world.put([wechat(1, openid)])
    (row,) = world.work_until_settled()
    assert (row.state, arrived(sandbox, "wechat")[openid]) == (_S.SENT, 1)


def test_a_token_ends_between_messages(world, sandbox, openid):
    for number, end in enumerate([None, "killed", "run out"]):
        if end == "killed":
            sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
        if end == "run out":
            sandbox.put("/sandbox/clock", {"offset_seconds": 7300})
        world.put([wechat(number, openid)])
        world.work()
    assert [row.state for row in world.work_until_settled()] == [_S.SENT] * 3
    assert arrived(sandbox, "wechat")[openid] == 3
    assert world.calls("wechat", TOKEN) == 3


def test_who_does_not_follow_fails_and_the_next_is_told(world, sandbox, openid):
    world.put([wechat(1, "oNobodyNobodyNobodyNobodyNob"), wechat(2, openid)])
    assert [row.state for row in world.work_until_settled()] == [_S.FAILED, _S.SENT]
