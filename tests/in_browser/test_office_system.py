"""系统管理 and 审计日志 in a browser: fields by role, and details in their row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live import LiveApp
from tests.people import make_office_account
from tests.stories import Story
from wxbackend.domain.roles import Role

pytestmark = pytest.mark.browser
PC = {"width": 1366, "height": 768}


def signed_in(page: Page, live: LiveApp, story: Story, role: Role) -> Page:
    name, password = make_office_account(story.dependencies, role)
    page.goto(f"{live.url}/office/sign-in")
    page.fill("#account", name)
    page.fill("#password", password)
    page.click("button.btn-primary")
    expect(page.locator(".side")).to_be_visible(timeout=15_000)
    return page


def test_a_form_shows_the_place_that_its_role_needs(
    live: LiveApp, story: Story, new_page: Callable[..., Page]
):
    page = signed_in(new_page(viewport=PC), live, story, Role.ADMIN)
    page.click("text=新增账号")
    expect(page.locator("#checkpoint")).to_be_hidden()
    page.select_option("#role", "checkpoint")
    expect(page.locator("#checkpoint")).to_be_visible()
    expect(page.locator("#town")).to_be_hidden()
    page.fill("#name", "gate9")
    page.fill("#display_name", "新同事")
    page.select_option("#checkpoint", "黄阁卡口")
    page.click("text=建立账号")
    expect(page.locator(".secret")).to_be_visible()


def test_enter_saves_the_settings_and_restores_nothing(
    live: LiveApp, story: Story, new_page: Callable[..., Page]
):
    page = signed_in(new_page(viewport=PC), live, story, Role.ADMIN)
    page.goto(f"{live.url}/office/settings")
    for hours in ("8", "9"):
        page.fill("#shift", hours)
        page.press("#shift", "Enter")
        expect(page.locator(".note.ok")).to_contain_text("已保存 1 项")
        expect(page.locator("#shift")).to_have_value(hours)


def test_an_entry_opens_and_closes_in_its_row(
    live: LiveApp, story: Story, new_page: Callable[..., Page]
):
    page = signed_in(new_page(viewport=PC), live, story, Role.AUDITOR)
    expect(page.locator("h1")).to_have_text("审计日志")
    page.locator("text=展开").first.click()
    expect(page.locator("tr.more")).to_contain_text("请求编号")
    page.click("text=收起")
    expect(page.locator("tr.more")).to_have_count(0)
    assert page.url.endswith("/office/audit")
