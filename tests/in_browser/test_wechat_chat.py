"""The account's chat on the sandbox's phone: welcome, keywords, the role's menu, a scan by menu."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.in_browser.test_story import Phone
from tests.people import ACTOR
from wxbackend.services.menus import apply_menus

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def phone(new_page, live, sandbox, dependencies) -> Phone:
    apply_menus(dependencies, actor=ACTOR)
    return Phone(new_page(viewport={"width": 1366, "height": 960}), sandbox.url)


def open_chat(phone: Phone, name: str) -> None:
    phone.hand_to(name)
    phone.page.locator('.app[data-app="wechat"]').click()
    phone.page.locator(".chat-row").click()


def test_who_follows_is_welcomed_and_finds_help(phone):
    page = phone.page
    open_chat(phone, "梁志强")
    talk = page.locator(".talk")
    page.get_by_role("button", name="公众号资料").click()
    page.get_by_role("button", name="取消关注").click()
    page.get_by_role("button", name="关注公众号").click()
    expect(talk).to_contain_text("欢迎关注南沙区货车通行")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="帮助", exact=True).click()
    expect(talk).to_contain_text("一码一次")
    page.get_by_role("button", name="切换到键盘").click()
    page.get_by_label("写给公众号").fill("预约")
    page.get_by_role("button", name="发送").click()
    expect(talk.get_by_role("button", name="/d/new").last).to_be_visible()


def test_staff_get_their_menu_and_scan_with_it(phone, story, live, guard_password):
    page, reserved = phone.page, story.reserve()
    open_chat(phone, "吴晓东")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="工作人员登录").click()
    phone.app.get_by_role("link", name="工作人员登录").click()
    phone.app.get_by_label("账号").fill("gate1")
    phone.app.get_by_label("密码", exact=True).fill(guard_password)
    phone.app.get_by_role("button", name="登录").click()
    phone.app.get_by_role("button", name="开始值班").click()
    expect(phone.app.locator("[data-gate]")).to_be_visible()
    page.locator("#home-button").click()
    page.locator('.app[data-app="wechat"]').click()
    page.locator(".chat-row").click()
    page.get_by_role("button", name="立即更新").click(
        timeout=30_000
    )  # WeChat itself takes five minutes
    page.get_by_role("button", name="扫码查验").click()
    scanner = page.frame_locator('iframe[title="扫一扫"]')
    scanner.get_by_label("二维码内容").fill(f"{live.url}/P/{reserved.token}")
    scanner.get_by_role("button", name="确定").click()
    expect(page.locator(".talk")).to_contain_text("通行码有效：请仔细核对")
    expect(page.locator(".talk")).not_to_contain_text("李某某")
    page.locator(".talk").get_by_role("button", name="/gate/scans/").click()
    expect(phone.app.get_by_text("李某某").first).to_be_visible()
