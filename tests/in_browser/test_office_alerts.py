"""告警设置 as manual 2.7 says it, and 通知记录 after it, in a browser on a PC."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.in_browser.looking import CONTRAST, NAMES, SIDEWAYS
from tests.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PHONE = {"width": 390, "height": 844}


def open_settings(page: Page) -> None:
    page.get_by_role("link", name="预约和通行记录").click()
    page.get_by_role("link", name="告警设置").click()
    expect(page.get_by_role("dialog", name="告警设置")).to_be_visible()


def add(page: Page, town: str, name: str, account: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name=f"添加{town}的接收人").click()
    expect(dialog.get_by_label("姓名")).to_be_focused()
    dialog.get_by_label("姓名").fill(name)
    dialog.get_by_label("粤政易账号").fill(account)
    dialog.get_by_role("button", name="添加", exact=True).click()


def test_a_recipient_is_set_tested_changed_and_removed(office_page, sandbox):
    page = office_page("bureau")
    open_settings(page)
    dialog = page.get_by_role("dialog")
    row = dialog.get_by_role("row", name=re.compile("^黄阁镇"))
    expect(row).to_contain_text("无告警接收人，该镇街通知无人收到")

    add(page, "黄阁镇", "李小燕", "@all")
    expect(dialog.get_by_label("粤政易账号")).to_be_focused()  # the field that is wrong
    expect(dialog).to_contain_text("以字母或数字开头")
    dialog.get_by_label("粤政易账号").fill("LiXiaoyan")
    dialog.get_by_role("button", name="添加", exact=True).click()
    expect(dialog).to_contain_text("已添加接收人李小燕")
    expect(row).not_to_contain_text("无告警接收人")

    row.get_by_role("button", name="发送测试").click()
    expect(dialog).to_contain_text("已向李小燕发送测试")
    expect(row).to_contain_text("已发送", timeout=20_000)  # by itself, without a reload
    (message,) = sandbox.messages(channel="yuezhengyi")
    assert message["to"] == "LiXiaoyan"
    row.get_by_role("button", name="发送测试").click()
    expect(dialog).to_contain_text("李小燕在 1 分钟内已测试过")

    row.get_by_role("link", name="移除李小燕").click()
    dialog.get_by_role("button", name="移除", exact=True).click()
    expect(row).to_contain_text("无告警接收人")
    dialog.get_by_role("link", name="关闭").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("/office/reservations$"))


def test_a_failed_test_says_why_beside_its_row(office_page):
    page = office_page("bureau", path="/office/alerts")
    add(page, "大岗镇", "王某某", "invalid-wang")
    row = page.get_by_role("dialog").get_by_role("row", name=re.compile("^大岗镇"))
    row.get_by_role("button", name="发送测试").click()
    expect(row).to_contain_text("发送失败", timeout=20_000)
    expect(row).to_contain_text("王某某：粤政易没有此用户，请核对账号（81013）")


def test_everything_works_without_a_script(office_page, story):
    page = office_page("bureau", path="/office/alerts", java_script_enabled=False)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="添加东涌镇的接收人").click()
    dialog.get_by_label("姓名").fill("赵某某")
    dialog.get_by_label("粤政易账号").fill("zhao")
    dialog.get_by_role("button", name="添加", exact=True).click()
    row = dialog.get_by_role("row", name=re.compile("^东涌镇"))
    expect(row).to_contain_text("赵某某")
    row.get_by_role("button", name="发送测试").click()
    expect(row).to_contain_text(re.compile("排队中|发送中|已发送"))


@pytest.fixture
def failed(story, sandbox, clock):
    """A passage whose SMS found no provider that answered in time."""
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    guard = story.guard()
    reserved = story.reserve()
    story.decide(guard, story.scan(guard, reserved.token))
    story.send_all()
    story.execute(
        "UPDATE notification SET state = 'failed', attempts = 5, last_answer = 'http_503' "
        "WHERE channel = 'sms'"
    )
    return story


def test_what_failed_is_ticked_and_sent_again(failed, office_page, sandbox):
    page = office_page("bureau")
    menu = page.get_by_role("navigation", name="主菜单").get_by_role("link", name="通知记录")
    expect(menu).to_contain_text("1")
    menu.click()
    page.get_by_role("link", name=re.compile("^待处理")).click()
    expect(page.locator(".picked").first).to_be_hidden()
    page.get_by_role("checkbox", name=re.compile("发给负责人的通知")).check()
    page.get_by_role("button", name="重新发送 1 条").click()
    expect(page.get_by_text("已重新发送 1 条")).to_be_visible()
    expect(menu).not_to_contain_text("1")
    page.get_by_role("link", name=re.compile("^全部")).click()
    page.get_by_role("link", name="详情").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("经过")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


@pytest.mark.parametrize("size", [None, PHONE])
@pytest.mark.parametrize(
    "path", ["/office/alerts", "/office/alerts/bureau/add", "/office/notifications"]
)
def test_how_the_pages_look(failed, office_page, path, size):
    options = {"viewport": size} if size else {}
    page = office_page("bureau", path=path, **options)
    assert [one for check in (CONTRAST, NAMES, SIDEWAYS) for one in page.evaluate(check)] == []
