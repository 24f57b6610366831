"""货车司机台账 as manual 2.6 says it: signing in, looking at a driver, exporting own people."""

from __future__ import annotations

import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.in_browser.conftest import OFFICE
from tests.people import make_office_account, resident_id
from wxbackend.domain.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def people(story):
    own = story.enterprise("黄阁甲物流有限公司", "黄阁镇", "13900000001")
    other = story.enterprise("东涌乙运输有限公司", "东涌镇", "13900000002")
    story.employ(own, resident_id(1), "黄某某")
    story.employ(own, resident_id(2), "赵某某")
    story.employ(other, resident_id(3), "钱某某")
    story.test_result(resident_id(1), hours_ago=30)
    story.doses(resident_id(1), 3)
    guard = story.guard()
    reserved = story.reserve(id_number=resident_id(1), name="黄某某")
    story.decide(guard, story.scan(guard, reserved.token))


def test_a_lead_signs_in_at_the_manuals_address_and_meets_own_people(live, story, people, new_page):
    name, password = make_office_account(story.dependencies, Role.ENTERPRISE, "13900000001")
    page = new_page(viewport=OFFICE)
    page.goto(f"{live.url}/yqfk/index.html#/hcsj/hcsjtz")
    page.get_by_label("账号", exact=True).fill(name)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="货车司机台账")).to_be_visible()
    expect(page.get_by_role("link", name="货车司机台账")).to_have_attribute("aria-current", "page")
    expect(page.locator(".grid tbody tr")).to_have_count(2)
    expect(page.get_by_text("钱某某")).to_have_count(0)


def test_a_drivers_passages_tests_and_doses_open_over_the_list(people, office_page):
    page = office_page("enterprise", "13900000001", path="/office/drivers")
    row = page.get_by_role("row", name=re.compile("黄某某"))
    expect(row).to_contain_text("48小时阴性")
    row.get_by_role("link", name="通行").click()
    drawer = page.get_by_role("dialog", name="黄某某")
    expect(drawer.get_by_role("row", name=re.compile("允许通行"))).to_have_count(1)
    drawer.get_by_role("link", name=re.compile("核酸记录")).click()
    expect(drawer.get_by_role("row", name=re.compile("阴性.*30 小时前"))).to_have_count(1)
    drawer.get_by_role("link", name=re.compile("疫苗接种")).click()
    expect(drawer.get_by_text("已完成接种三针")).to_be_visible()
    expect(page).to_have_url(re.compile("/vaccinations"))
    drawer.get_by_role("button", name="显示").first.click()
    expect(drawer.get_by_text(resident_id(1))).to_be_visible()
    expect(drawer.get_by_text("138****5678")).to_be_visible()
    drawer.get_by_role("link", name="上一人").click()
    expect(page.get_by_role("dialog", name="赵某某")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("/office/drivers$"))


def test_what_is_found_is_exported_and_the_button_says_it(people, office_page, tmp_path):
    page = office_page("bureau", path="/office/drivers")
    page.get_by_label("姓名").fill("黄")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".grid tbody tr")).to_have_count(1)
    assert "黄" not in page.url
    page.get_by_role("link", name="导出当前结果（1 人）").click()
    dialog = page.get_by_role("dialog", name="导出货车司机台账")
    button = dialog.get_by_role("button", name=re.compile("^导出"))
    expect(button).to_have_text("导出 1 人（脱敏）")
    dialog.get_by_label("我的数据范围内全部").check()
    dialog.get_by_label("明文").check()
    expect(button).to_have_text("导出 3 人（明文）")
    button.click()
    expect(page.get_by_text("导出明文号码须填写用途")).to_be_visible()
    page.get_by_label("用途", exact=True).fill("疫情流调核对名单")
    page.get_by_role("button", name="导出 3 人（明文）").click()
    expect(page.get_by_role("heading", name="我的导出")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载").click()
    file = tmp_path / "taken.xlsx"
    waiting.value.save_as(file)
    assert re.fullmatch(r"货车司机台账_明文_\d{8}-\d{6}\.xlsx", waiting.value.suggested_filename)
    headers, *rows = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    assert headers[:3] == ("姓名", "证件号码", "手机号")
    assert {row[1] for row in rows} == {resident_id(1), resident_id(2), resident_id(3)}
    page.reload()
    expect(page.get_by_text("1 次", exact=True)).to_be_visible()
