"""The addresses printed in the manual lead to today's pages, before and after signing in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.people import make_office_account
from wxbackend.domain.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

OFFICE = [
    ("/yqfk/index.html#/hcsj/hcqygl", "/office/enterprises", "货车企业管理"),
    ("/yqfk/index.html#/hcsj/hcsjtz", "/office/drivers", "货车司机台账"),
    ("/yqfk/index.html#/hcsj/yyhtxjl", "/office/reservations", "预约和通行记录"),
]


def test_each_leads_through_signing_in_to_its_page(live, story, new_page):
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    for address, path, title in OFFICE:
        page = new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{live.url}{address}")
        page.wait_for_url("**/office/sign-in")
        page.get_by_label("账号", exact=True).fill(name)
        page.get_by_label("密码", exact=True).fill(password)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        assert page.url.startswith(f"{live.url}{path}")


def test_each_leads_a_signed_in_user_straight_to_its_page(live, office_page):
    page = office_page("bureau")
    for address, path, title in OFFICE:
        page.goto(f"{live.url}{address}")
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        assert page.url.startswith(f"{live.url}{path}")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/mportal/index.html#/login/phone", "/sign-in/phone"),
        ("/mportal/index.html#/login/index", "/sign-in"),
        ("/mportal/index.html#/", "/sign-in"),
    ],
)
def test_the_phones_addresses_lead_to_signing_in(live, new_page, address, path):
    page = new_page()
    page.goto(f"{live.url}{address}")
    page.wait_for_url(f"{live.url}{path}")


def test_without_a_script_the_links_stand_on_the_page(live, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(f"{live.url}/yqfk/index.html#/hcsj/hcsjtz")
    page.get_by_role("link", name="货车司机台账").click()
    page.wait_for_url("**/office/sign-in")
