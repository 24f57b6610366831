"""通知记录 in the back office: the list, one notification, and what a person decides."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from models.database import db
from tests.browser import Browser
from tests.people import resident_id

LIST = "/office/notifications"


@pytest.fixture
def told(story):
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    story.recipient("bureau-a")
    guard = story.guard()
    reserved = story.reserve()
    story.decide(guard, story.scan(guard, reserved.token))
    return story


@pytest.fixture
def bureau(office, told) -> Browser:
    return office("bureau")


@pytest.fixture
def failed(told, office, sandbox, clock) -> Browser:
    """The bureau, after the SMS had failed to the last try."""
    sandbox.fault("sms.mas", "http_500", count=100)
    for _ in range(8):
        told.send_all()
        clock.advance(minutes=40)
    sandbox.delete("/sandbox/faults")
    return office("bureau")


def picked(bureau: Browser) -> list[str]:
    return re.findall(r'name="ids" value="(\w+)"', bureau.page)


def detail_of(bureau: Browser, state: str) -> str:
    bureau.get(f"{LIST}?state={state}")
    found = re.search(rf'href="({LIST}/\w{{26}})[?"]', bureau.page)
    assert found, bureau.text
    return found[1]


@pytest.mark.parametrize("role", ["town", "admin", "auditor"])
def test_it_is_the_bureaus_alone(office, told, role):
    other = office(role, "黄阁镇" if role == "town" else "")
    other.get(LIST)
    assert other.status == 403
    for path in ("resend", "dismiss"):
        other.post(f"{LIST}/{path}", {"ids": "x"})
        assert other.status == 403


def test_the_list_shows_whom_what_and_which_state(bureau, told):
    told.send_all()
    bureau.get(LIST)
    assert "全部 4" in bureau.text
    assert "已发送 4" in bureau.text
    assert "广州顺达物流有限公司员工李某某于" in bureau.text
    assert "139****0001" in bureau.text
    assert "13900000001" not in bureau.page
    assert picked(bureau) == []


def test_names_numbers_and_plates_never_stand_in_an_address(bureau):
    bureau.get(LIST)
    search = {"name": "负责人", "phone": "13900000001", "plate": "粤A8K652", "channel": "sms"}
    bureau.post(f"{LIST}/search", search)
    assert re.fullmatch(rf"{LIST}\?channel=sms&f=\w+", bureau.path)
    assert "共 1 条" in bureau.text
    assert "手机号 13900000001" in bureau.text  # the condition, to its own author
    bureau.post(f"{LIST}/search", {"name": "没有此人"})
    assert "没有符合条件的通知" in bureau.text


def test_a_list_costs_few_statements(bureau):
    statements = []
    bureau.post(f"{LIST}/search", {"name": "负责人"})
    path = bureau.path

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        bureau.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) <= 7, statements  # one more than a list without a kept search


def test_what_failed_is_ticked_sent_again_and_settled(failed, told, sandbox):
    failed.get(f"{LIST}?state=waiting")
    assert '<span class="count" title="发送失败或结果未知">1</span>' in failed.page
    assert "服务商系统出错（http_500）" in failed.text
    (one,) = picked(failed)
    form = {"ids": [one], "back": "state=waiting&evil=1"}
    failed.post(f"{LIST}/resend", form)
    assert failed.path == f"{LIST}?state=waiting"
    assert "已重新发送 1 条" in failed.text
    assert 'class="count"' not in failed.page
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1
    failed.post(f"{LIST}/resend", form)
    assert "1 条的状态已改变" in failed.text
    failed.post(f"{LIST}/resend")
    assert "没有勾选发送失败的通知" in failed.text
    told.send_all()
    assert len(sandbox.messages(channel="sms")) == 1


def test_one_that_failed_is_sent_again_from_its_row(failed):
    failed.get(f"{LIST}?state=failed")
    found = re.search(rf'formaction="({LIST}/\w+/resend\?seen=failed)"', failed.page)
    assert found
    failed.post(found[1])
    assert "已重新发送 1 条" in failed.text
    failed.post(found[1])
    assert failed.status == 409
    assert "这条通知已由他人处理" in failed.text


def test_a_result_that_nobody_knows_is_asked_of_a_person(bureau, told, sandbox):
    sandbox.fault("sms.mas", "garbage")
    told.send_all()
    bureau.get(f"{LIST}?state=unknown")
    assert picked(bureau) == []
    assert "重新发送" not in re.sub(r"<noscript>.*?</noscript>|hidden>.*?</div>", "", bureau.page)
    one = detail_of(bureau, "unknown")
    bureau.get(f"{one}/decide?state=unknown")
    assert "接收人可能收到两条相同的通知" in bureau.text
    bureau.post(f"{one}/confirm", {"back": "state=delivered"})
    assert bureau.path == f"{LIST}?state=delivered"
    assert "已记为已送达" in bureau.text
    bureau.get(f"{one}/decide")
    assert bureau.status == 409


def test_the_detail_shows_every_step_and_reveals_one_number(failed):
    one = detail_of(failed, "failed")
    failed.get(one)
    assert failed.text.count("服务商系统出错（http_500）") > 3
    assert "13900000001" not in failed.page
    failed.post(f"{one}/reveal", {"field": "address"})
    assert failed.text == "13900000001"
    failed.post(f"{one}/dismiss")
    assert "已记为不再发送 1 条" in failed.text
    failed.get(one)
    assert "不再发送 · 何某某" in failed.text


def test_a_held_channel_is_named_and_tried_again_by_a_button(bureau, told, sandbox, clock):
    sandbox.fault("yuezhengyi", "errcode", value=60020, count=5)
    told.send_all()
    bureau.get(LIST)
    assert "粤政易已暂停发送" in bureau.text
    assert "本系统地址未列入粤政易许可名单，请检查参数" in bureau.text
    assert "1 条等待发送" in bureau.text
    sandbox.delete("/sandbox/faults")
    bureau.post(f"{LIST}/channels/yuezhengyi/try-again", {})
    assert "粤政易即将重试一条" in bureau.text
    told.send_all()
    bureau.get(LIST)
    assert "已暂停发送" not in bureau.text
    bureau.post(f"{LIST}/channels/yuezhengyi/try-again", {})
    assert "粤政易已恢复发送" in bureau.text
    bureau.post(f"{LIST}/channels/fax/try-again", {})
    assert bureau.status == 404


def test_codes_are_not_shown(lead, office, story, sandbox):
    code = str(sandbox.messages(channel="sms")[-1]["text"])[3:9]
    bureau = office("bureau")
    bureau.get(f"{LIST}?kind=sign_in_code")
    assert "验证码短信，内容不显示" in bureau.text
    assert code not in bureau.page
    one = detail_of(bureau, "sent")
    bureau.get(one)
    assert code not in bureau.page
    assert "验证码短信，内容不显示" in bureau.text


def test_over_the_list_only_the_drawer_comes(bureau, told):
    told.send_all()
    one = detail_of(bureau, "sent")
    bureau.get(one, **{"HX-Request": "true", "HX-Target": "over"})
    assert "<html" not in bureau.page
    bureau.get(f"{LIST}/nothing")
    assert bureau.status == 404
