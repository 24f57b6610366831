"""Whom a passage is told, in exactly which words, and what becomes of each notification."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.database import reading
from tests.people import resident_id
from wxbackend.domain.moments import format_second
from wxbackend.domain.reservation import Verdict
from wxbackend.services.outbox import heal, send_due


def states(channel: str = "") -> list[str]:
    where = f"WHERE channel = '{channel}'" if channel else ""
    with reading() as session:
        return list(
            session.execute(text(f"SELECT state FROM notification {where} ORDER BY id")).scalars()
        )


def texts(sandbox, channel: str) -> list[tuple[str, str]]:
    return [(found["to"], found["text"]) for found in sandbox.messages(channel=channel)]


def decide(story, verdict=Verdict.ALLOWED, reason="", **changes):
    guard = story.guard()
    reserved = story.reserve(**changes)
    return story.decide(guard, story.scan(guard, reserved.token), verdict, reason)


@pytest.fixture
def told(story):
    """Recipients everywhere: a lead, the enterprise's town, another town, the bureau."""
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    story.recipient("huangge-a", "黄阁镇")
    story.recipient("wanqingsha-a", "万顷沙镇")
    story.recipient("bureau-a")
    return story


def test_allowed_with_roster_match(told, sandbox):
    decision = decide(told)
    told.send_all()
    time = format_second(decision.decided_at)
    expected = f"广州顺达物流有限公司员工李某某于{time}进入南沙区,请督促做好防疫工作。"
    assert texts(sandbox, "sms") == [("13900000001", expected)]
    assert sorted(texts(sandbox, "yuezhengyi")) == [
        ("bureau-a", expected),
        ("huangge-a", expected),
    ]


def test_denied_with_roster_match(told, sandbox):
    decision = decide(told, Verdict.DENIED, "健康码黄码")
    told.send_all()
    time = format_second(decision.decided_at)
    expected = (
        f"广州顺达物流有限公司员工李某某于{time}进入南沙区卡口时,因健康码黄码原因不予通行,请知悉。"
    )
    assert texts(sandbox, "sms") == [("13900000001", expected)]
    assert {text for _, text in texts(sandbox, "yuezhengyi")} == {expected}


def test_allowed_without_roster_match(told, sandbox):
    decision = decide(told, id_number=resident_id(2))
    told.send_all()
    time = format_second(decision.decided_at)
    expected = f"非南沙企业员工李某某于{time}入南沙区,请督促做好防疫工作。"
    assert texts(sandbox, "sms") == []
    assert sorted(texts(sandbox, "yuezhengyi")) == [
        ("bureau-a", expected),
        ("wanqingsha-a", expected),
    ]


def test_denied_without_roster_match(told, sandbox):
    decision = decide(told, Verdict.DENIED, "人证不符", id_number=resident_id(2))
    told.send_all()
    time = format_second(decision.decided_at)
    expected = f"非南沙企业员工李某某于{time}进入南沙区卡口时,因人证不符原因不予通行,请知悉。"
    assert {text for _, text in texts(sandbox, "yuezhengyi")} == {expected}


def test_several_enterprises_one_sms_each_and_one_joined_message(told, sandbox):
    second = told.enterprise("广东海湾运输有限公司", "东涌镇", "13900000001", "13900000002")
    told.employ(second, resident_id(1))
    told.recipient("dongchong-a", "东涌镇")
    decide(told)
    told.send_all()
    sms = [(to, text.partition("员工")[0]) for to, text in texts(sandbox, "sms")]
    assert sorted(sms) == [
        ("13900000001", "广东海湾运输有限公司"),
        ("13900000001", "广州顺达物流有限公司"),
        ("13900000002", "广东海湾运输有限公司"),
    ]
    members = texts(sandbox, "yuezhengyi")
    assert sorted(to for to, _ in members) == ["bureau-a", "dongchong-a", "huangge-a"]
    assert all(
        text.startswith("广州顺达物流有限公司、广东海湾运输有限公司员工") for _, text in members
    )


def test_a_member_on_two_lists_is_told_once(told, sandbox):
    told.recipient("Bureau-A", "黄阁镇")
    decide(told)
    told.send_all()
    members = [to.lower() for to, _ in texts(sandbox, "yuezhengyi")]
    assert sorted(members) == ["bureau-a", "huangge-a"]


def test_the_driver_is_told_of_the_reservation_and_of_the_passage(told, sandbox):
    decide(told, Verdict.DENIED, "体温异常")
    told.send_all()
    made, passage = texts(sandbox, "wechat")
    assert "粤A8K652" in made[1]
    assert "万顷沙卡口" in made[1]
    assert "不予通行" in passage[1]
    assert "体温异常" in passage[1]


def test_a_driver_who_does_not_follow_gets_none_and_nothing_else_suffers(told, sandbox):
    driver = told.driver()
    told.execute("UPDATE wechat_user SET openid = 'oUnknownUnknownUnknownUnknow'")
    guard = told.guard()
    reserved = told.reserve(driver)
    told.decide(guard, told.scan(guard, reserved.token))
    told.send_all()
    assert states("wechat") == ["failed", "failed"]
    assert states("yuezhengyi") == ["sent", "sent"]


# ---- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [("refuse", None), ("garbage", None)])
def test_an_sms_of_unknown_outcome_waits_for_a_person(told, sandbox, clock, fault):
    sandbox.fault("sms.mas", fault[0], value=fault[1])
    decide(told)
    told.send_all()
    assert states("sms") == ["unknown"]
    clock.advance(hours=2)
    told.send_all()
    assert states("sms") == ["unknown"]
    assert texts(sandbox, "sms") == []


@pytest.mark.parametrize(
    ("fault", "value"),
    [("refuse", None), ("garbage", None), ("http_500", None), ("errcode", -1), ("errcode", 45009)],
)
def test_yuezhengyi_is_tried_again_until_it_arrives_once(told, sandbox, clock, fault, value):
    sandbox.fault("yuezhengyi", fault, value=value, count=4)
    decide(told)
    told.send_all()
    for _ in range(4):
        clock.advance(minutes=20)
        told.send_all()
    assert states("yuezhengyi") == ["sent", "sent"]
    assert sorted(to for to, _ in texts(sandbox, "yuezhengyi")) == ["bureau-a", "huangge-a"]


def test_a_timeout_after_the_effect_does_not_double(told, sandbox, clock):
    sandbox.fault("yuezhengyi", "timeout_after_effect", value=1, count=2)
    decide(told)
    told.send_all()
    clock.advance(minutes=2)
    told.send_all()
    assert states("yuezhengyi") == ["sent", "sent"]
    assert sorted(to for to, _ in texts(sandbox, "yuezhengyi")) == ["bureau-a", "huangge-a"]


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_refused_token_is_replaced_and_the_message_goes_out(told, sandbox, code):
    sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})
    decide(told)
    told.send_all()
    sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})
    decide(told, id_number=resident_id(2))
    told.send_all()
    assert states("yuezhengyi") == ["sent"] * 4


def test_an_unknown_member_fails_and_the_others_are_told(told, sandbox):
    told.recipient("invalid-b")
    decide(told)
    told.send_all()
    assert sorted(states("yuezhengyi")) == ["failed", "sent", "sent"]


@pytest.mark.parametrize("code", ["IllegalMac", "InvalidMessage"])
def test_an_sms_fails_for_good_only_for_its_own_fault(told, sandbox, code):
    sandbox.fault("sms.mas", "errcode", value=code, count=9)
    decide(told)
    told.send_all()
    assert states("sms") == (["failed"] if code == "InvalidMessage" else ["queued"])


def test_after_the_last_try_it_stands_as_failed(told, sandbox, clock):
    sandbox.fault("sms.mas", "http_500", count=100)
    decide(told)
    for _ in range(8):
        told.send_all()
        clock.advance(minutes=70)
    assert states("sms") == ["failed"]
    sandbox.delete("/sandbox/faults")


def test_what_nobody_needs_any_more_expires(told, sandbox, clock):
    sandbox.fault("sms.mas", "http_500", count=100)
    decide(told)
    told.send_all()
    clock.advance(hours=25)
    heal(told.dependencies)
    assert states("sms") == ["expired"]
    sandbox.delete("/sandbox/faults")


def test_a_member_gets_no_more_a_minute_than_the_platform_delivers(story, sandbox, clock):
    story.recipient("busy")
    guard = story.guard()
    for number in range(28):
        reserved = story.reserve(id_number=resident_id(number + 1))
        story.decide(guard, story.scan(guard, reserved.token))
    story.send_all()
    most = story.dependencies.policy.notifications.most_per_minute_per_member
    assert len(texts(sandbox, "yuezhengyi")) == most
    assert states("yuezhengyi").count("queued") == 28 - most
    clock.advance(seconds=70)
    story.send_all()
    assert states("yuezhengyi") == ["sent"] * 28


# ---- the lease ---------------------------------------------------------------------------------


def test_two_holders_never_send_the_same_row(told, sandbox):
    decide(told)
    from wxbackend.services import outbox

    claimed, first = outbox._claim(told.dependencies, holder="a", limit=50)
    assert (claimed, len(first)) == (5, 5)
    assert outbox._claim(told.dependencies, holder="b", limit=50) == (0, [])
    assert send_due(told.dependencies, holder="b", limit=50) == 0
    assert states() == ["queued"] * 5


def test_a_lease_that_ran_out_goes_to_another_holder(told, sandbox, clock):
    decide(told)
    from wxbackend.services import outbox

    outbox._claim(told.dependencies, holder="dead", limit=50)
    clock.advance(seconds=61)
    told.send_all()
    assert set(states()) == {"sent"}


def test_what_a_dead_sender_left_is_healed_by_channel(told, sandbox, clock):
    decide(told)
    told.execute(
        "UPDATE notification SET state = 'sending', attempts = 1, lease_holder = 'dead', "
        "leased_until = created_at"
    )
    clock.advance(seconds=1)
    heal(told.dependencies)
    assert states("sms") == ["unknown"]
    assert states("wechat") == ["unknown", "unknown"]
    told.send_all()
    assert states("yuezhengyi") == ["sent", "sent"]


def test_the_database_holds_no_number_and_no_text_in_clear(told):
    decide(told)
    with reading() as session:
        for address, content in session.execute(text("SELECT address, content FROM notification")):
            assert b"13900000001" not in bytes(address)
            assert "李某某".encode() not in bytes(content)
