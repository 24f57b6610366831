"""The front door on the phone: a door for every role that somebody holds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.browser import Browser
from tests.people import ACTOR
from wxbackend.domain.roles import ACCOUNT_ROLES, Role
from wxbackend.services.accounts import NewAccount, create_account

PLACES = {Role.CHECKPOINT: "万顷沙卡口", Role.TOWN: "黄阁镇"}
DOORS = {
    Role.CHECKPOINT: "卡口查验",
    Role.TOWN: "镇街用户",
    Role.BUREAU: "区局用户",
    Role.ADMIN: "系统管理员",
    Role.AUDITOR: "审计员",
}


def sign_in(browser, story, role: Role) -> None:
    new = NewAccount(f"{role.value}1", role, "陈某某", PLACES.get(role, ""))
    password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
    browser.get("/sign-in")
    browser.post("/sign-in", {"account": f"{role.value}1", "password": password})


@pytest.mark.parametrize("role", sorted(ACCOUNT_ROLES - {Role.ENTERPRISE}))
def test_a_driver_with_an_office_has_two_doors(driver, story, role):
    driver.get("/d")
    sign_in(driver, story, role)
    driver.get("/?choose=1")
    assert driver.status == 200
    assert DOORS[role] in driver.text
    assert "我的预约" in driver.text
    for address in re.findall(r'class="door" href="([^"]+)"', driver.page):
        driver.get(address)
        assert driver.status == 200, address


def test_wechat_finds_its_proof_of_the_domain(another_app, settings, sandbox):
    files = {"MP_verify_aB3dE5fG7hJ9kL1m.txt": "aB3dE5fG7hJ9kL1m"}
    wechat = replace(settings.wechat, verification_files=files)
    browser = Browser(another_app(replace(settings, wechat=wechat)), sandbox)
    browser.get("/MP_verify_aB3dE5fG7hJ9kL1m.txt")
    assert browser.page == "aB3dE5fG7hJ9kL1m"
    assert browser.response.mimetype == "text/plain"
    for path in ("/MP_verify_other.txt", "/MP_verify_.txt", "/x/MP_verify_aB3dE5fG7hJ9kL1m.txt"):
        browser.get(path)
        assert browser.status == 404
