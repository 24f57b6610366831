"""One app id's calls: the shared token, WeChat busy, WeChat used up, our address unknown to it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateways.test_wechat import SECRET, calls, calls_to
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.shared_store import MemoryStore, RedisStore

ADDRESSES, TAGS = "cgi-bin/get_api_domain_ip", "cgi-bin/tags/get"
TOKEN_PATH = "/cgi-bin/stable_token"


@pytest.fixture
def store(shared_store_url):
    if not shared_store_url:
        return MemoryStore()
    found = RedisStore(shared_store_url)
    found._redis.flushdb()
    return found


def test_answers_come_as_they_are(sandbox, store):
    wechat = calls_to(sandbox, store=store)
    assert wechat.get(ADDRESSES) == {"ip_list": ["127.0.0.1"]}
    made = wechat.post("cgi-bin/tags/create", {"tag": {"name": "司机"}})
    assert made["tag"]["name"] == "司机"
    assert calls(sandbox, TOKEN_PATH) == 1


def test_a_refusal_names_wechats_code(sandbox, store):
    wechat = calls_to(sandbox, store=store)
    with pytest.raises(PermanentGatewayError) as refused:
        wechat.post("cgi-bin/menu/delconditional", {"menuid": "1"})
    assert refused.value.code == "65301"
    with pytest.raises(UnknownOutcomeError):
        wechat.post_for_bytes(TAGS, {})  # JSON where a picture should be


def test_what_another_process_fetched_is_used(sandbox, store):
    first, second = calls_to(sandbox, store=store), calls_to(sandbox, store=store)
    first.get(ADDRESSES)
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    first.get(ADDRESSES)
    second.get(ADDRESSES)
    assert calls(sandbox, TOKEN_PATH) == 2


def test_a_token_that_stable_token_repeats_is_forced_once(sandbox, store):
    wechat = calls_to(sandbox, store=store)
    wechat.get(ADDRESSES)
    sandbox.put("/sandbox/wechat-rules/tokens", {"sticky": True})
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    assert wechat.get(ADDRESSES) == {"ip_list": ["127.0.0.1"]}
    assert calls(sandbox, TOKEN_PATH) == 3  # at first; the same again; another by force
    # Within half a minute nobody forces again, in whatever process.
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    for _ in range(3):
        with pytest.raises(TemporaryGatewayError, match="token_refused") as refused:
            calls_to(sandbox, store=store).get(ADDRESSES)
        assert refused.value.wait
    assert calls(sandbox, TOKEN_PATH) == 3


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_busy_wechat_is_asked_again_where_that_is_safe(sandbox, store, repeatable):
    wechat = calls_to(sandbox, store=store)
    wechat.token()
    sandbox.fault("wechat", "errcode", value=-1, count=2)
    if repeatable:
        wechat.post("cgi-bin/tags/create", {"tag": {"name": "x"}}, repeatable=True)
    else:
        with pytest.raises(TemporaryGatewayError, match="-1"):
            wechat.post("cgi-bin/tags/create", {"tag": {"name": "x"}})
    assert calls(sandbox, "/cgi-bin/tags/create") == (3 if repeatable else 1)


def test_patience_with_a_busy_wechat_ends(sandbox, store):
    wechat = calls_to(sandbox, store=store)
    wechat.token()
    sandbox.fault("wechat", "errcode", value=-1, count=9)
    began = time.monotonic()
    with pytest.raises(TemporaryGatewayError):
        wechat.get(TAGS)
    assert time.monotonic() - began < 2
    assert calls(sandbox, "/cgi-bin/tags/get") == 3


def test_a_used_up_endpoint_rests_until_midnight(sandbox, store):
    noon = datetime(2022, 4, 20, 4, 0, tzinfo=UTC)
    wechat = calls_to(sandbox, store=store, clock=lambda: noon)
    sandbox.put("/sandbox/wechat-rules/quotas", {"tags/get": 1})
    wechat.get(TAGS)
    for _ in range(3):
        with pytest.raises(TemporaryGatewayError, match="45009") as held:
            wechat.get(TAGS)
        assert held.value.wait == timedelta(hours=12)
    assert calls(sandbox, "/cgi-bin/tags/get") == 2
    wechat.get(ADDRESSES)  # the others go on
    (hold,) = wechat.connection().holds
    assert (hold.endpoint, hold.code) == (TAGS, "45009")
    assert hold.until == datetime(2022, 4, 20, 16, 0, tzinfo=UTC)
    # Another process knows it too; and after midnight it is asked again.
    with pytest.raises(TemporaryGatewayError):
        calls_to(sandbox, store=store, clock=lambda: noon).get(TAGS)
    sandbox.put("/sandbox/wechat-rules/quotas", {})
    tomorrow = calls_to(sandbox, store=store, clock=lambda: hold.until)
    tomorrow.get(TAGS)
    assert tomorrow.connection().holds == ()


def test_an_unlisted_address_is_told_and_not_asked_about_again(sandbox, store):
    now = datetime(2022, 4, 20, 4, 0, tzinfo=UTC)
    wechat = calls_to(sandbox, store=store, clock=lambda: now)
    sandbox.put("/sandbox/wechat-rules/tokens", {"unlisted": "203.0.113.7"})
    for _ in range(3):
        with pytest.raises(ConfigurationGatewayError, match="40164"):
            wechat.get(TAGS)
    assert calls(sandbox, TOKEN_PATH) == 1
    (hold,) = wechat.connection().holds
    assert (hold.code, hold.address) == ("40164", "203.0.113.7")
    # A minute later it is tried again, is still shown, and goes when it works.
    later = calls_to(sandbox, store=store, clock=lambda: now + timedelta(seconds=61))
    assert later.connection().holds == (hold,)
    sandbox.put("/sandbox/wechat-rules/tokens", {})
    later.get(TAGS)
    assert later.connection().holds == ()
    assert later.connection().has_token
    # A token that is refused and cannot be replaced is no token.
    sandbox.put("/sandbox/wechat-rules/tokens", {"unlisted": "203.0.113.7"})
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    with pytest.raises(ConfigurationGatewayError, match="40164"):
        later.get(TAGS)
    assert not later.connection().has_token


def test_two_accounts_share_nothing(sandbox, store):
    ours = calls_to(sandbox, store=store)
    other = calls_to(sandbox, store=store, app_id="wx0000000000000000")
    ours.token()
    with pytest.raises(ConfigurationGatewayError, match="40013"):
        other.get(TAGS)
    assert ours.connection().holds == ()


def test_a_lost_answer_to_a_token_fetch_is_no_lost_message(sandbox, store):
    sandbox.fault("wechat", "refuse", count=1)
    with pytest.raises(TemporaryGatewayError):
        calls_to(sandbox, store=store).post(TAGS, {})


@pytest.mark.parametrize(
    ("kind", "value"),
    [("refuse", None), ("http_500", None), ("garbage", None), ("timeout", 3), ("errcode", 40013)],
)
def test_no_error_or_log_line_shows_secret_or_token(sandbox, store, caplog, kind, value):
    caplog.set_level(logging.DEBUG)
    wechat = calls_to(sandbox, store=store)
    token = wechat.token()
    caplog.clear()
    said = []
    for call in (
        lambda: wechat.get(TAGS),
        lambda: wechat.post(TAGS, {}),
        lambda: wechat.get_with_secret("sns/jscode2session", {"js_code": "081topsecretcode"}),
    ):
        sandbox.fault("wechat", kind, value=value, count=3)
        with pytest.raises(GatewayError) as raised:
            call()
        assert raised.value.__suppress_context__ or raised.value.__context__ is None
        said.append(f"{raised.value!r} {raised.value} {vars(raised.value)}")
    ours = [record for record in caplog.records if not record.name.startswith("urllib3")]
    for text in (*said, *(f"{record.getMessage()} {vars(record)}" for record in ours)):
        for secret in (SECRET, token, "081topsecretcode"):
            assert secret not in text
