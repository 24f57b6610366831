"""Messages to drivers: sent after reservation and passage, closed by what WeChat reports."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import text

from models.accounts import find_wechat_user
from models.database import reading
from tests.pushing import a_moment
from wxbackend.domain.pushes import Push
from wxbackend.gateways.interfaces.wechat import TemplateMessage
from wxbackend.services.pushes import answer_push
from wxbackend.wiring import wire

REPORT = "SubscribeMsgSentEvent.List"


def row() -> tuple[str, str, bool]:
    """State, last answer, and whether it is at rest without a person."""
    with reading() as session:
        found = session.execute(
            text("SELECT state, last_answer, dismissed_at FROM notification ORDER BY id LIMIT 1")
        ).one()
    return found[0], found[1], found[2] is not None


def openid_of(scope) -> str:
    with reading() as session:
        return find_wechat_user(session, scope.wechat_user_id).openid


def test_a_driver_is_told_of_the_reservation_and_the_passage(story, sandbox):
    reserved = story.reserve()
    guard = story.guard()
    story.decide(guard, story.scan(guard, reserved.token))
    story.send_all()
    made, decided = sandbox.messages(channel="wechat", to=openid_of(reserved.scope))
    assert "粤A8K652" in made["text"]
    assert made["url"].endswith(reserved.public_id)
    assert "允许通行" in decided["text"]


@pytest.mark.parametrize("code", [43004, 43101])
def test_who_gets_none_leaves_no_work_for_anybody(story, sandbox, code):
    scope = story.driver()
    if code == 43004:
        sandbox.put(f"/sandbox/personas/{openid_of(scope)}", {"subscribed": False})
    else:
        sandbox.put(
            "/sandbox/faults/wechat",
            {"kind": "errcode", "value": code, "count": 1, "path": "template/send"},
        )
    story.reserve(scope)
    story.send_all()
    assert row() == ("failed", str(code), True)
    assert sandbox.messages(channel="wechat") == []


def test_a_refusal_that_is_nobodys_choice_waits_for_a_person(story, sandbox):
    sandbox.put(
        "/sandbox/faults/wechat",
        {"kind": "errcode", "value": 40037, "count": 1, "path": "template/send"},
    )
    story.reserve()
    story.send_all()
    assert row() == ("failed", "40037", False)


def test_who_refuses_messages_leaves_no_work_either(story, sandbox, dependencies):
    reserved = story.reserve()
    story.send_all()
    with reading() as session:
        reference = session.scalar(text("SELECT provider_reference FROM notification"))
    parts = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": reference, "Status": "failed:user block"}
    push = Push(openid_of(reserved.scope), str(a_moment()), "event", parts)
    answer_push(dependencies, push, request_id="x")
    assert row() == ("failed", "failed:user block", True)


def test_a_field_that_would_be_refused_is_never_sent(dependencies, sandbox, story):
    from wxbackend.domain.notifications import Answer, NotificationKind

    message = TemplateMessage(
        openid=openid_of(story.driver()),
        kind=NotificationKind.RESERVATION_MADE,
        facts={"plate": "粤A8K6523456", "checkpoint": "卡口", "time": "soon", "state": "待通行"},
        url="http://x/",
        reference="r",
    )
    outcome = dependencies.gateways.wechat.send_template(message)
    assert (outcome.answer, outcome.code) == (Answer.PERMANENT, "47003")
    calls = sandbox.get("/sandbox/calls", target="wechat")
    assert [call for call in calls if "template/send" in call["path"]] == []


@pytest.fixture
def by_subscription(dependencies, settings, clock, tmp_path):
    """The same use cases on an account that is set up for subscription messages."""
    found = dataclasses.replace(
        settings, wechat=dataclasses.replace(settings.wechat, messages="subscription")
    )
    gateways = dependencies.gateways
    wired = wire(
        found, registry_in_tables=gateways.registry, passwords=gateways.passwords, clock=clock
    )
    return dataclasses.replace(
        dependencies, gateways=dataclasses.replace(gateways, wechat=wired.gateways.wechat)
    )


@pytest.mark.parametrize(
    ("code", "state"),
    [("0", ("delivered", "success", False)), ("43101", ("failed", "43101", True))],
)
def test_a_subscription_messages_report_closes_the_oldest_row(
    by_subscription, story, sandbox, code, state
):
    story.dependencies = by_subscription
    reserved = story.reserve()
    story.send_all()
    (message,) = sandbox.messages(channel="wechat", to=openid_of(reserved.scope))
    with reading() as session:
        own_id = session.scalar(text("SELECT public_id FROM notification"))
    assert message["url"].endswith(f"{reserved.public_id}?m={own_id}")
    assert row()[0] == "sent"
    parts = {
        "Event": "subscribe_msg_sent_event",
        f"{REPORT}.TemplateId": message["raw"]["template_id"],
        f"{REPORT}.MsgID": "1700827132819554304",
        f"{REPORT}.ErrorCode": code,
    }
    push = Push(openid_of(reserved.scope), str(a_moment()), "event", parts)
    for _ in range(3):
        answer_push(by_subscription, push, request_id="x")
    assert row() == state


def test_a_report_of_an_unknown_template_is_nobodys(dependencies, story):
    parts = {"Event": "subscribe_msg_sent_event", f"{REPORT}.TemplateId": "other"}
    push = Push(openid_of(story.driver()), str(a_moment()), "event", parts)
    assert answer_push(dependencies, push, request_id="x") == ""
