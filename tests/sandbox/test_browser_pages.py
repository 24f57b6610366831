"""The platforms' own pages in headless Chromium: whose WeChat, whose face."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browsing import PHONE
from tests.sandbox.client import DRIVER, OTHER_DRIVER, Client
from tests.sandbox.little_app import LittleApp
from tests.sandbox.test_weijing import PERSON, result

pytestmark = pytest.mark.browser


def test_who_opens_the_page_is_chosen_once(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{little_app.url}/login")
    page.get_by_role("link", name="陈国华").click()
    expect(page.locator("#openid")).to_have_text(OTHER_DRIVER)
    page.goto(f"{little_app.url}/login")
    expect(page.locator("#openid")).to_have_text(OTHER_DRIVER)


@pytest.mark.parametrize(
    ("mode", "different"), [("double_callback_same_code", 1), ("double_callback_new_code", 2)]
)
def test_the_app_is_called_back_twice(
    page: Page, sandbox: Client, little_app: LittleApp, mode: str, different: int
) -> None:
    sandbox.put("/sandbox/oauth-mode", json={"mode": mode})
    page.goto(f"{little_app.authorize_url().split('#')[0]}&as={DRIVER}")
    expect(page.locator("#openid")).to_have_text(DRIVER if different == 2 else re.compile("."))
    # A browser may repeat a GET by itself when the connection it chose was just closed.
    assert len(little_app.callbacks) >= 2
    assert len({callback["code"] for callback in little_app.callbacks}) == different


@pytest.mark.parametrize(
    ("button", "res_code_is_zero"), [("通过", True), ("不通过", False), ("身份不符", True)]
)
def test_the_identity_page(
    page: Page,
    sandbox: Client,
    little_app: LittleApp,
    button: str,
    *,
    res_code_is_zero: bool,
) -> None:
    page.set_viewport_size(PHONE)
    asked = sandbox.weijing(
        "authreq",
        authType="GzhRegular",
        mode=66,
        idInfo=PERSON,
        exp={"expType": "exp_sec", "expSec": 420},
        businessInfo={"subject": "身份验证"},
        extraParams={"foreBackUrl": f"{little_app.url}/identity/return/K7"},
    )
    token = asked["tokenInfo"]["certToken"]
    page.goto(f"{sandbox.base}/authgzh/auth?certToken={token}")
    expect(page.get_by_text("梁*强")).to_be_visible()
    expect(page.get_by_text("4401**********0011")).to_be_visible()
    expect(page.locator("#left")).to_have_text(re.compile(r"^[67]:\d\d$"))
    link = page.get_by_role("link", name=button, exact=button != "身份不符")
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 60
    link.click()
    expect(page.locator("#path")).to_have_text("/identity/return/K7")
    assert (result(sandbox, token)["authData"]["resCode"] == 0) is res_code_is_zero
