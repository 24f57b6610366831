"""预约和通行记录 as manual 2.7 says it, in a browser on a PC."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.reservation_world import World
from wxbackend.domain.reservation import Verdict

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def world(story) -> World:
    world = World(story)
    world.decide("ours", Verdict.DENIED, "体温异常")
    return world


def test_looking_up_a_reservation_and_what_became_of_it(world, office_page):
    page = office_page("bureau")
    page.get_by_role("link", name="预约和通行记录").click()
    expect(page).to_have_url(re.compile("/office/reservations$"))
    page.get_by_role("link", name="不限").click()
    page.get_by_label("车牌号码").fill("A1111")
    page.get_by_role("button", name="查询").click()
    row = page.get_by_role("row", name=re.compile("粤A11111"))
    expect(row).to_contain_text("不予通行")
    assert "A1111" not in page.url
    list_url = page.url

    row.get_by_role("link", name="查看详情").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("link", name="基本信息")).to_have_attribute("aria-current", "page")
    expect(drawer).to_contain_text("卡口所见")
    expect(drawer).to_contain_text("E******11")
    drawer.get_by_role("button", name="显示甘一的证件号码").click()
    expect(drawer).to_contain_text("E10001111")
    drawer.get_by_role("link", name=re.compile("乘车人信息")).click()
    expect(drawer).to_contain_text("戊五")
    expect(page).to_have_url(re.compile("/passengers"))
    drawer.get_by_role("link", name="关闭").click()
    expect(page).to_have_url(list_url)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("粤A11111"))).to_be_visible()


def test_alert_settings_open_from_here(world, office_page):
    page = office_page("bureau", path="/office/reservations?basis=arrival")
    page.get_by_role("link", name="告警设置").click()
    expect(page).to_have_url(re.compile("/office/alerts"))
    expect(page.get_by_role("heading", name="告警设置").first).to_be_visible()


def test_correcting_a_passage(world, office_page):
    page = office_page("bureau", path=f"/office/reservations/{world.id_of('ours')}")
    page.get_by_role("link", name="填写更正").click()
    dialog = page.get_by_role("dialog", name="填写更正")
    dialog.get_by_role("button", name="保存更正并通知").click()
    expect(dialog).to_contain_text("请填写说明")
    dialog.get_by_label("允许通行").check()
    dialog.get_by_label("说明（1–200 字）").fill("体温计故障，复测正常")
    dialog.get_by_role("button", name="保存更正并通知").dblclick()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("更正为允许通行")
    expect(drawer).to_contain_text("原记录为不予通行（体温异常）")
    expect(drawer.locator(".corrected")).to_have_count(1)
    assert page.get_by_text("此前的更正").count() == 0


@pytest.mark.parametrize("width", [390, 1100, 1366])
def test_nothing_stands_past_the_edge(world, office_page, width):
    page = office_page("bureau", viewport={"width": width, "height": 800})
    home = page.url.rpartition("/office")[0]
    for path in (
        "/office/reservations?basis=arrival",
        f"/office/reservations/{world.id_of('ours')}",
        f"/office/reservations/{world.id_of('ours')}/passengers",
        f"/office/reservations/{world.id_of('ours')}/correction",
    ):
        page.goto(home + path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path
