"""The JS-SDK in an app's page with a strict policy, alone and inside the phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browsing import open_chat, open_phone, paste_into, picture
from tests.sandbox.client import Client
from tests.sandbox.little_app import LittleApp, qr_png

pytestmark = pytest.mark.browser


def open_page(page: Page, app: LittleApp, path: str = "/scan") -> None:
    page.goto(f"{app.url}{path}")
    expect(page.locator("#state")).not_to_be_empty()


def test_a_right_signature_is_accepted(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app)
    expect(page.locator("#state")).to_have_text("ready")
    expect(page.locator("#known")).to_have_text('{"scanQRCode":true,"chooseImage":false}')
    expect(page.locator("#bridge")).to_have_text("function")


def test_a_wrong_signature_is_refused_and_scans_nothing(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app, "/scan?wrong=1")
    expect(page.locator("#state")).to_have_text("config:fail,invalid signature")
    page.locator("#scan").click()
    expect(page.locator("#result")).to_have_text("scanQRCode:permission denied")


def test_what_is_not_listed_is_not_permitted(page: Page, little_app: LittleApp) -> None:
    little_app.api_list = ("closeWindow",)
    open_page(page, little_app)
    page.locator("#scan").click()
    expect(page.locator("#result")).to_have_text("scanQRCode:permission denied")


def test_the_layer_returns_what_was_pasted(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app)
    page.locator("#scan").click()
    paste_into(page, "HTTP://127.0.0.1/P/ABC")
    expect(page.locator("#result")).to_have_text("HTTP://127.0.0.1/P/ABC")
    expect(page.locator("iframe")).to_have_count(0)


def test_the_layer_decodes_a_picture(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app)
    page.locator("#scan").click()
    frame = page.frame_locator('iframe[title="扫一扫"]')
    frame.locator('input[type="file"]').set_input_files(picture(qr_png("WX:TWELVE")))
    expect(page.locator("#result")).to_have_text("WX:TWELVE")


def test_the_layer_is_cancelled(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app)
    page.locator("#scan").click()
    frame = page.frame_locator('iframe[title="扫一扫"]')
    frame.get_by_role("button", name="取消").click()
    expect(page.locator("#result")).to_have_text("scanQRCode:cancel")


def test_without_need_of_a_result_the_address_opens(page: Page, little_app: LittleApp) -> None:
    open_page(page, little_app, "/scan?need=0")
    page.locator("#scan").click()
    paste_into(page, f"{little_app.url}/p/1")
    expect(page.locator("#path")).to_have_text("/p/1")


def test_android_may_open_instead_of_returning(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.put("/sandbox/jssdk-mode", json={"scan": "opens"})
    open_page(page, little_app)
    page.locator("#scan").click()
    paste_into(page, f"{little_app.url}/p/2")
    expect(page.locator("#path")).to_have_text("/p/2")


def test_the_developer_tools_wrap_the_result(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.put("/sandbox/jssdk-mode", json={"platform": "devtools"})
    open_page(page, little_app)
    page.locator("#scan").click()
    paste_into(page, "abc")
    expect(page.locator("#result")).to_have_text('{"scan_code":{"scan_result":"abc"}}')


def test_an_iphone_ignores_a_scan_with_a_numeric_timestamp(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.put("/sandbox/jssdk-mode", json={"platform": "ios"})
    little_app.numeric_timestamp = True
    open_page(page, little_app)
    expect(page.locator("#state")).to_have_text("ready")
    page.locator("#scan").click()
    page.wait_for_timeout(700)
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator("#result")).to_be_empty()


def test_in_the_phone_the_page_scans_with_the_phone(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.wechat(
        "menu/create",
        {"button": [{"type": "view", "name": "查验", "url": f"{little_app.url}/scan"}]},
    )
    open_phone(page, sandbox)
    open_chat(page)
    page.get_by_role("button", name="查验").click()
    inner = page.frame_locator("#page-slot iframe")
    expect(inner.locator("#state")).to_have_text("ready")
    inner.locator("#scan").click()
    expect(page.locator("#scanner")).to_be_visible()
    paste_into(page, "P/FROM-PHONE")
    expect(inner.locator("#result")).to_have_text("P/FROM-PHONE")
    inner.locator("#close").click()
    expect(page.locator("#browser")).to_be_hidden()


def test_the_scanner_answers_nobody_else(page: Page, sandbox: Client) -> None:
    """Asked for by a foreign origin, it keeps the result to itself."""
    page.goto(f"{sandbox.base}/sandbox/scanner?for=https://evil.example")
    page.get_by_label("二维码内容").fill("secret")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("status")).to_have_text("内容：secret")
    policy = sandbox.get("/sandbox/scanner").headers["Content-Security-Policy"]
    ancestors = policy.split("frame-ancestors ")[1].split(";")[0]
    assert ancestors.split()[0] == "'self'"
    assert "evil" not in policy
    assert "unsafe-inline" not in policy
