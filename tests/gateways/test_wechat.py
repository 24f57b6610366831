"""wechatpy under our own session: one retry, timeouts everywhere, nothing leaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from wechatpy.client.api import WeChatJSAPI

from tests.servers import Sandbox
from wxbackend.domain.notifications import Answer, NotificationKind
from wxbackend.gateways.errors import ConfigurationGatewayError, GatewayError
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.wechat import CodeSpent, TemplateMessage
from wxbackend.gateways.shared_store import MemoryStore
from wxbackend.gateways.wechat.account import OfficialAccount, Template
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.session import WechatSession

APP_ID, SECRET = "wx5b0c7d1e2f3a4961", "c1f0a6d28b7e4953a8d41e07f96b25c3"
TEMPLATE = Template(
    "mT7dR2vKq0aLx9Wc4bYp1nZs6Ue8Ho3Gi5Jf-XkQwNA",
    {"car_number1": "plate", "thing2": "checkpoint", "time3": "time", "phrase4": "state"},
)


def calls_to(
    sandbox: Sandbox,
    *,
    secret: str = SECRET,
    app_id: str = APP_ID,
    store: SharedStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> WechatCalls:
    session = WechatSession(api_base_url=sandbox.url, timeout=timedelta(seconds=1))
    return WechatCalls(
        store or MemoryStore(), app_id=app_id, app_secret=secret, session=session, clock=clock
    )


def account(sandbox: Sandbox, *, secret: str = SECRET) -> OfficialAccount:
    store = MemoryStore()
    return OfficialAccount(
        store,
        calls_to(sandbox, secret=secret, store=store),
        open_base_url=sandbox.url,
        templates={NotificationKind.RESERVATION_MADE: TEMPLATE},
    )


def message(sandbox: Sandbox, **changes: str) -> TemplateMessage:
    facts = {"plate": "粤A8K652", "checkpoint": "万顷沙卡口", "state": "待通行"}
    return TemplateMessage(
        openid=sandbox.personas()[0]["openid"],
        kind=NotificationKind.RESERVATION_MADE,
        facts={"time": "2022-04-22 14:30", **facts, **changes},
        url=f"{sandbox.app_url}/d",
        reference=f"reference-{time.monotonic_ns()}",
    )


def calls(sandbox: Sandbox, path: str) -> int:
    found = sandbox.get("/sandbox/calls", target="wechat")
    listed = found if isinstance(found, list) else found["calls"]
    return sum(call["path"] == path for call in listed)


def test_a_template_message_arrives(sandbox):
    outcome = account(sandbox).send_template(message(sandbox))
    assert outcome.answer is Answer.ACCEPTED
    assert outcome.reference
    assert "粤A8K652" in sandbox.messages(channel="wechat")[0]["text"]


def test_too_long_a_field_is_shortened_not_refused(sandbox):
    outcome = account(sandbox).send_template(message(sandbox, checkpoint="很长的卡口名称" * 5))
    assert outcome.answer is Answer.ACCEPTED


def test_an_invalidated_token_is_replaced_once_and_never_recursively(sandbox):
    wechat = account(sandbox)
    wechat.send_template(message(sandbox))
    sandbox.post("/sandbox/tokens/invalidate", {"target": "wechat"})
    assert wechat.send_template(message(sandbox)).answer is Answer.ACCEPTED
    sandbox.fault("wechat", "errcode", value=40001, count=20)
    before = calls(sandbox, "/cgi-bin/message/template/send")
    assert wechat.send_template(message(sandbox)).answer is Answer.TRANSIENT
    assert calls(sandbox, "/cgi-bin/message/template/send") - before == 2
    sandbox.delete("/sandbox/faults")


@pytest.mark.parametrize(
    ("fault", "value", "answer"),
    [
        ("errcode", 45009, Answer.THROTTLED),
        ("errcode", 40037, Answer.PERMANENT),
        ("errcode", 43101, Answer.PERMANENT),
        ("errcode", 48001, Answer.CONFIGURATION),
        ("http_500", None, Answer.TRANSIENT),
        ("garbage", None, Answer.UNKNOWN),
        ("refuse", None, Answer.UNKNOWN),
        ("timeout", 3, Answer.UNKNOWN),
    ],
)
def test_each_answer_has_its_meaning(sandbox, fault, value, answer):
    wechat = account(sandbox)
    wechat.send_template(message(sandbox))
    sandbox.fault("wechat", fault, value=value)
    began = time.monotonic()
    assert wechat.send_template(message(sandbox)).answer is answer
    assert time.monotonic() - began < 2.5


def test_token_and_oauth_calls_have_timeouts_too(sandbox):
    wechat = account(sandbox)
    for call in (
        lambda: wechat.sign_js_sdk("http://x/", now=datetime.now(UTC)),
        lambda: wechat.exchange_code("code"),
    ):
        sandbox.fault("wechat", "timeout", value=5)
        began = time.monotonic()
        with pytest.raises(GatewayError):
            call()
        assert time.monotonic() - began < 2.5


def test_a_spent_or_invented_code_is_told_apart_from_an_outage(sandbox):
    with pytest.raises(CodeSpent):
        account(sandbox).exchange_code("invented")


def test_a_wrong_secret_is_a_matter_of_configuration(sandbox):
    outcome = account(sandbox, secret="wrong").send_template(message(sandbox))
    assert outcome.answer is Answer.CONFIGURATION


def test_no_error_shows_the_secret_or_a_token(sandbox):
    wechat = account(sandbox)
    sandbox.fault("wechat", "refuse", count=2)
    with pytest.raises(GatewayError) as wrong:
        wechat.exchange_code("081topsecretcode")
    assert SECRET not in repr(wrong.value)
    assert "081topsecretcode" not in repr(wrong.value)
    assert wrong.value.__suppress_context__


def test_the_session_calls_nobody_but_wechat(sandbox):
    session = WechatSession(api_base_url=sandbox.url, timeout=timedelta(seconds=1))
    for address in ("https://mp.weixin.qq.com/x", "http://127.0.0.1:1/", "https://evil.example/"):
        with pytest.raises(ConfigurationGatewayError):
            session.get(address)


def test_the_js_signature_is_the_official_one():
    """The vector of WeChat's own documentation."""
    signature = WeChatJSAPI().get_jsapi_signature(
        "Wm3WZYTPz0wzccnW",
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        "1414587457",
        "http://mp.weixin.qq.com?params=value",
    )
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
