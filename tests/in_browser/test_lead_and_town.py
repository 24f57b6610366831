"""Manual 2.3 and 2.4 by their labels, on the sandbox's phone, and 代预约 to the pass code."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.in_browser.test_story import Phone, decode, wait_for
from tests.people import ACTOR, resident_id
from wxbackend.domain.moments import to_local
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ENTERPRISE = "广州顺达物流有限公司"
LEAD = "13900000001"


@pytest.fixture
def phone(new_page, live, sandbox) -> Phone:
    return Phone(new_page(viewport={"width": 1366, "height": 960}), sandbox.url)


@pytest.fixture
def enterprise(story) -> int:
    return story.enterprise(ENTERPRISE, "黄阁镇", LEAD)


def sign_in_as_lead(phone: Phone, sandbox) -> None:
    """输入手机号码和验证码,进入移动端."""
    phone.hand_to("吴晓东")
    phone.open("企业负责人")
    phone.app.get_by_label("手机号码").fill(LEAD)
    phone.app.get_by_role("button", name="获取验证码").click()
    ((_, words),) = wait_for(sandbox, "sms", 1)
    phone.app.get_by_label("验证码").fill(words[3:9])
    phone.app.get_by_role("button", name="登录").click()
    expect(phone.app.get_by_role("heading", name=ENTERPRISE)).to_be_visible()


def passage(story, number: int, name: str, verdict: Verdict, reason: str = "") -> None:
    reserved = story.reserve(id_number=resident_id(number), name=name)
    guard = story.guard()
    story.decide(guard, story.scan(guard, reserved.token), verdict, reason)


def test_the_lead_keeps_the_roster_and_looks_up_passages(phone, story, sandbox, enterprise):
    for number, name in ((1, "李某某"), (2, "张某某")):
        story.employ(enterprise, resident_id(number), name)
    sign_in_as_lead(phone, sandbox)
    app = phone.app
    app.get_by_role("link", name="员工管理").click()
    expect(app.get_by_text("共 2 人")).to_be_visible()

    app.get_by_role("link", name="新增").click()
    app.get_by_label("姓名").fill("郑某某")
    app.get_by_label("证件号码").fill(resident_id(7))
    app.get_by_label("手机号").fill("13711110007")
    app.get_by_label("车牌号").fill("粤A06218D")
    app.get_by_role("button", name="保存").click()
    expect(app.get_by_text("已添加员工")).to_be_visible()
    expect(app.get_by_text("137****0007")).to_be_visible()

    app.get_by_role("link", name="返回员工管理").click()
    app.get_by_role("link", name="导入").click()
    rows = f"姓名,证件号码,手机号\n邓某某,{resident_id(8)},13711110008\n"
    app.locator("#file").set_input_files(
        {"name": "员工.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    app.get_by_role("button", name="上传并检查").click()
    app.get_by_role("button", name="确认导入 1 行").click()
    expect(app.get_by_text("导入完成")).to_be_visible()
    app.get_by_role("link", name="查看员工").click()
    expect(app.get_by_text("共 4 人")).to_be_visible()

    passage(story, 1, "李某某", Verdict.ALLOWED)
    passage(story, 2, "张某某", Verdict.DENIED, "健康码黄码")
    app.get_by_role("link", name="返回首页").click()
    app.get_by_role("link", name="司机预约查询").click()
    expect(app.locator(".rec_link", has_text="李某某")).to_be_visible()
    expect(app.locator(".rec_link", has_text="张某某")).to_have_count(0)
    app.get_by_role("link", name="未通行").click()
    app.locator(".rec_link", has_text="张某某").click()
    expect(app.get_by_text("健康码黄码")).to_be_visible()


def test_the_town_looks_up_its_drivers(phone, story, sandbox, enterprise):
    story.employ(enterprise, resident_id(1), "李某某")
    passage(story, 1, "李某某", Verdict.ALLOWED)
    new = NewAccount("town1", Role.TOWN, "林某某", "黄阁镇")
    password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
    phone.hand_to("吴晓东")
    phone.open("镇街")
    app = phone.app
    app.get_by_label("账号").fill("town1")
    app.get_by_label("密码").fill(password)
    app.get_by_role("button", name="登录").click()
    app.get_by_role("link", name="货车司机").click()
    app.get_by_role("link", name=ENTERPRISE).click()
    app.get_by_role("link", name="李某某").click()
    app.get_by_role("button", name="显示证件号码").click()
    expect(app.get_by_text(resident_id(1))).to_be_visible()
    app.locator(".rec_link", has_text="已通行").click()
    expect(app.get_by_role("heading", name="通行记录")).to_be_visible()


def test_a_prepared_reservation_becomes_a_pass_code(phone, story, sandbox, clock, enterprise):
    driver = sandbox.personas()[0]
    story.employ(enterprise, driver["id_number"], driver["name"])
    sign_in_as_lead(phone, sandbox)
    app = phone.app
    app.get_by_role("link", name="替司机填写").click()
    expect(app.get_by_role("heading", name="代预约记录")).to_be_visible()
    app.get_by_role("link", name="代预约", exact=True).click()
    app.get_by_role("link", name=driver["name"]).click()
    app.get_by_label("车牌号码").fill("粤A8K652")
    app.get_by_label("出发地").fill("深圳市宝安区")
    app.get_by_label("目的镇街").select_option(label="万顷沙镇")
    app.get_by_label("到达卡口").select_option(label="万顷沙卡口")
    arrival = to_local(clock.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    app.get_by_label("预计到达时间").fill(arrival)
    app.get_by_role("button", name="生成链接").click()
    expect(app.get_by_text("待司机确认")).to_be_visible()
    link = decode(app.get_by_alt_text("代预约二维码").screenshot())
    assert link == app.locator("#link").input_value()
    app.get_by_role("button", name="短信发给司机").click()
    expect(app.get_by_text("短信已发送")).to_be_visible()
    assert any(link in words for _, words in wait_for(sandbox, "sms", 2))

    phone.hand_to(driver["name"])
    phone.page.locator('.app[data-app="wechat"]').click()
    phone.page.get_by_role("button", name="扫一扫").click()
    scanner = phone.page.frame_locator('iframe[title="扫一扫"]')
    scanner.get_by_label("二维码内容").fill(link)
    scanner.get_by_role("button", name="确定").click()
    expect(app.get_by_text(f"由 {ENTERPRISE} 代填")).to_be_visible()
    expect(app.get_by_label("出发地")).to_have_value("深圳市宝安区")
    expect(app.get_by_text(driver["id_number"])).to_have_count(0)
    app.get_by_role("radio", name="绿码").check()
    app.get_by_role("group", name="近14天是否途经中高风险地区").get_by_label("否").check()
    app.get_by_role("group", name="是否有发热咳嗽等症状").get_by_label("否").check()
    app.get_by_role("button", name="提交预约").click()
    app.get_by_role("link", name="通过", exact=True).or_(
        app.get_by_role("button", name="通过", exact=True)
    ).first.click()
    expect(app.get_by_text("请调亮屏幕")).to_be_visible()
    assert "/P/" in decode(app.get_by_alt_text("通行码").screenshot())

    phone.hand_to("吴晓东")
    phone.open("企业负责人")
    app.get_by_role("link", name="替司机填写").click()
    expect(app.get_by_text("已提交")).to_be_visible()
