"""货车企业管理 as manual 2.5 says it, in a browser on a PC."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.people import credit_code

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LIST = re.compile(r"/office/enterprises(\?[^/]*)?$")


@pytest.fixture
def district(story):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.enterprise("广州骏通货运有限公司", "黄阁镇", "13900000002")
    story.enterprise("广州飞腾运输有限公司", "东涌镇", "13900000003")


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has_text=name)


def test_the_bureau_keeps_the_ledger(office_page, district):
    page = office_page("bureau")
    page.get_by_role("link", name="货车企业管理").click()
    expect(page).to_have_url(LIST)
    expect(page.get_by_text("全区 3 家，启用 3 家")).to_be_visible()
    expect(page.get_by_role("link", name="导入", exact=True)).to_be_visible()

    # 新增: a wrong code is named in the drawer, and nothing that was typed is lost
    page.get_by_role("link", name="新增企业").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("企业名称").fill("广州新程运输有限公司")
    drawer.get_by_label("统一社会信用代码").fill(credit_code(1))
    drawer.get_by_label("所属镇街").select_option(label="东涌镇")
    drawer.get_by_label("企业负责人").fill("林海燕")
    drawer.get_by_label("负责人手机号").fill("13900000077")
    drawer.get_by_role("button", name="保存").click()
    expect(drawer.get_by_text("该统一社会信用代码已登记为“广州顺达物流有限公司”")).to_be_visible()
    expect(drawer.get_by_label("企业负责人")).to_have_value("林海燕")
    drawer.get_by_label("统一社会信用代码").fill(credit_code(50).lower())
    drawer.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已新增企业“广州新程运输有限公司”。")).to_be_visible()
    expect(page).to_have_url(LIST)
    expect(row(page, "广州新程")).to_contain_text("139****0077")

    # 编辑
    row(page, "广州新程").get_by_role("link", name="编辑").click()
    drawer.get_by_label("企业地址").fill("黄阁大道 1 号")
    drawer.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    row(page, "广州新程").get_by_role("link", name="广州新程").click()
    expect(drawer.get_by_text("企业地址：（空） → 黄阁大道 1 号")).to_be_visible()
    drawer.get_by_role("button", name="显示").click()
    expect(drawer.get_by_text("13900000077")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(LIST)


def test_leads_are_kept_in_the_drawer(office_page, district):
    page = office_page("bureau", path="/office/enterprises?state=active")
    row(page, "广州顺达").get_by_role("link", name="负责人").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("姓名").fill("林海燕")
    drawer.get_by_label("手机号").fill("13900000088")
    drawer.get_by_role("button", name="新增负责人").click()
    expect(drawer.get_by_text("已新增负责人林海燕。")).to_be_visible()
    drawer.get_by_role("button", name="设为主负责人").click()
    expect(drawer.get_by_text("已更换主负责人。")).to_be_visible()
    expect(row(drawer, "林海燕")).to_contain_text("主负责人")

    row(drawer, "林海燕").get_by_role("link", name="修改").click()
    drawer.get_by_label("新手机号").fill("13900000099")
    drawer.get_by_role("button", name="保存").click()
    expect(row(drawer, "林海燕")).to_contain_text("139****0099")
    row(drawer, "139****0001").get_by_role("link", name="移除").click()
    drawer.get_by_role("button", name="移除").click()
    expect(drawer.get_by_text("已移除负责人。")).to_be_visible()
    expect(drawer.get_by_text("139****0001")).to_have_count(0)
    drawer.get_by_role("link", name="关闭").last.click()
    expect(page).to_have_url(re.compile("state=active$"))


def test_ticked_enterprises_are_disabled_together(office_page, district):
    page = office_page("bureau", path="/office/enterprises?state=active")
    page.get_by_label("选择广州顺达").check()
    page.get_by_label("选择广州飞腾").check()
    expect(page.get_by_text("已选 2 家")).to_be_visible()
    page.get_by_role("button", name="停用").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("将停用 2 家企业")).to_be_visible()
    dialog.get_by_label("原因").fill("已注销")
    dialog.get_by_role("button", name="停用 2 家").click()
    expect(page.get_by_text("已停用 2 家企业。")).to_be_visible()
    expect(page.get_by_text("全区 3 家，启用 1 家")).to_be_visible()
    expect(page).to_have_url(re.compile("state=active$"))
    expect(row(page, "广州骏通")).to_be_visible()
    expect(row(page, "广州顺达")).to_have_count(0)


def test_a_town_user_only_views_the_towns(office_page, district):
    """手册 2.5：镇街用户进入页面，只能查看本镇街的货车企业记录。"""
    page = office_page("town", "东涌镇", path="/office/enterprises")
    expect(page.get_by_text("东涌镇 1 家，启用 1 家")).to_be_visible()
    expect(row(page, "广州飞腾")).to_be_visible()
    expect(page.get_by_text("广州顺达")).to_have_count(0)
    expect(page.get_by_role("link", name="新增企业")).to_have_count(0)
    row(page, "广州飞腾").get_by_role("link", name="查看").click()
    expect(page.get_by_role("dialog").get_by_text("139****0003")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("link", name="编辑")).to_have_count(0)


def test_it_works_without_a_script(office_page, district):
    page = office_page("bureau", path="/office/enterprises", java_script_enabled=False)
    page.get_by_label("选择广州顺达").check()
    page.get_by_role("button", name="停用").click()
    page.get_by_label("原因").fill("已注销")
    page.get_by_role("button", name="停用 1 家").click()
    expect(page.get_by_text("已停用 1 家企业。")).to_be_visible()
