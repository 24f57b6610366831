"""The phone in headless Chromium: its people, its apps, its scanner, the bench beside it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.sandbox.browsing import (
    DESK,
    PHONE,
    TABLET,
    open_chat,
    open_phone,
    paste_into,
    picture,
    take_over,
)
from tests.sandbox.client import OTHER_DRIVER, STRANGER, Client
from tests.sandbox.little_app import LittleApp, qr_png

pytestmark = pytest.mark.browser

STAFF = "oS4ndRJlNONwktN9ugkZeESG61sh"


# ---- the phone ----


@pytest.mark.parametrize("size", [DESK, TABLET, PHONE])
def test_the_phone_fits_every_window(page: Page, sandbox: Client, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    page.goto(f"{sandbox.base}/")
    expect(page.get_by_text("梁志强的手机")).to_be_visible()
    wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert wider is False
    for name in ("微信", "短信", "粤政易", "扫一扫"):
        expect(page.locator(".app", has_text=name)).to_be_in_viewport()


def test_another_name_of_this_machine_leads_to_the_public_one(page: Page, sandbox: Client) -> None:
    page.goto(sandbox.base.replace("127.0.0.1", "localhost"))
    assert page.url == f"{sandbox.base}/"


def test_the_holder_is_kept_in_the_cookie_that_the_app_sees(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    open_phone(page, sandbox)
    take_over(page, "陈国华")
    page.goto(f"{little_app.url}/")
    expect(page.locator("#cookie")).to_have_text(f"sandbox_persona={OTHER_DRIVER}")


def test_menus_differ_by_person_and_open_pages(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    everyone = {"type": "view", "name": "我的预约", "url": f"{little_app.url}/mine"}
    sandbox.wechat("menu/create", {"button": [everyone]})
    tag = sandbox.wechat("tags/create", {"tag": {"name": "role:checkpoint"}})["tag"]["id"]
    sandbox.wechat("tags/members/batchtagging", {"openid_list": [STAFF], "tagid": tag})
    today = {"type": "view", "name": "今日名单", "url": f"{little_app.url}/today"}
    menu = {"button": [{"name": "卡口", "sub_button": [today]}], "matchrule": {"tag_id": tag}}
    sandbox.wechat("menu/addconditional", menu)
    open_phone(page, sandbox)
    open_chat(page)
    page.get_by_role("button", name="我的预约").click()
    expect(page.frame_locator("#page-slot iframe").locator("#path")).to_have_text("/mine")
    take_over(page, "吴晓东")
    expect(page.locator("#browser")).to_be_hidden()
    open_chat(page)
    page.get_by_role("button", name="卡口", exact=True).click()
    page.get_by_role("button", name="今日名单").click()
    expect(page.frame_locator("#page-slot iframe").locator("#path")).to_have_text("/today")
    take_over(page, "梁志强")
    expect(page.frame_locator("#page-slot iframe").locator("#path")).to_have_text("/mine")
    calls = [call["note"] for call in sandbox.calls(target="wechat.push")]
    assert calls.count("VIEW ok") == 2


def test_the_page_on_the_phone_signs_in_as_its_holder(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.wechat(
        "menu/create",
        {"button": [{"type": "view", "name": "登录", "url": f"{little_app.url}/login"}]},
    )
    open_phone(page, sandbox)
    take_over(page, "陈国华")
    open_chat(page)
    page.get_by_role("button", name="登录").click()
    signed_in = page.frame_locator("#page-slot iframe").locator("#openid")
    expect(signed_in).to_have_text(OTHER_DRIVER)


def test_back_returns_within_the_page_and_then_closes_it(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.wechat(
        "menu/create", {"button": [{"type": "view", "name": "首页", "url": f"{little_app.url}/"}]}
    )
    open_phone(page, sandbox)
    open_chat(page)
    page.get_by_role("button", name="首页").click()
    inner = page.frame_locator("#page-slot iframe")
    inner.get_by_role("link", name="on").click()
    expect(inner.locator("#path")).to_have_text("/second")
    back = page.get_by_role("button", name="返回上一页")
    back.click()
    expect(inner.locator("h1")).to_have_text("little app")
    back.click()
    expect(page.locator("#browser")).to_be_hidden()
    assert page.url == f"{sandbox.base}/"


def test_without_a_menu_the_chat_offers_the_entries(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    open_chat(page)
    for name in ("司机预约", "卡口查验", "企业负责人", "镇街"):
        expect(page.locator(".entry", has_text=name)).to_be_visible()
    page.locator(".entry", has_text="司机预约").click()
    inner = page.frame_locator("#page-slot iframe")
    expect(inner.locator("#path")).to_have_text("/yqfk/driver.html")


def test_messages_arrive_and_can_be_read(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    sandbox.mas(mobiles="13826001101", content="验证码482193,5分钟内有效")
    expect(page.locator("#banner.is-on")).to_contain_text("482193")
    expect(page.locator('.app[data-app="sms"] .count')).to_have_text("1")
    expect(page.locator("#feed-list")).to_contain_text("482193")
    page.locator('.app[data-app="sms"]').click()
    expect(page.get_by_role("button", name="复制 482193")).to_be_visible()
    page.get_by_role("button", name="返回", exact=True).click()
    expect(page.locator('.app[data-app="sms"] .count')).to_have_count(0)


def test_a_chat_shows_what_was_said_and_answered(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    little_app.answer_push = lambda _pushed: (500, "")
    open_phone(page, sandbox)
    open_chat(page)
    page.get_by_label("写给公众号").fill("几点开放？")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".said")).to_have_text("几点开放？")
    expect(page.get_by_text("该公众号提供的服务出现故障")).to_be_visible()


def test_following_from_the_phone(page: Page, sandbox: Client, little_app: LittleApp) -> None:
    open_phone(page, sandbox)
    take_over(page, "韦建军")
    open_chat(page)
    page.get_by_role("button", name="关注公众号").click()
    expect(page.get_by_role("log")).to_be_visible()
    assert sandbox.wechat("user/info", openid=STRANGER)["subscribe"] == 1


def test_a_fault_is_switched_on_and_off(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    page.get_by_role("tab", name="故障").click()
    row = page.locator(".fault", has_text="健康信息库")
    row.get_by_label("方式").select_option("errcode")
    row.locator(".switch").click()
    expect(row).to_contain_text("还剩 1 次")
    assert sandbox.get("/health-registry/nucleic?idcardNo=1").json()["code"] == "18"
    expect(row.get_by_role("switch")).not_to_be_checked()
    row.locator(".switch").click()
    expect(row).to_contain_text("还剩 1 次")
    row.locator(".switch").click()
    expect(row).not_to_contain_text("还剩")
    assert sandbox.get("/sandbox/faults").json() == {}


def test_settings_steer_the_platforms(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    page.get_by_role("tab", name="设置").click()
    page.get_by_label("微警认证结果").select_option("masked")
    page.get_by_role("button", name="+1 小时").click()
    expect(page.locator("#clock-now")).to_contain_text("+60 分钟")
    assert sandbox.get("/sandbox/modes").json()["weijing"]["mode"] == "masked"
    assert sandbox.get("/sandbox/clock").json()["offset_seconds"] == 3600


def test_a_person_is_added(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    page.get_by_role("button", name="添加人物").click()
    page.get_by_label("姓名").fill("新来的人")
    page.get_by_label("手机号码").fill("13900000001")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("新来的人的手机")).to_be_visible()
    person = sandbox.get("/sandbox/personas").json()[-1]
    assert (person["name"], person["phone"]) == ("新来的人", "13900000001")
    assert re.fullmatch(r"o[\w-]{27}", person["openid"])


# ---- scanning on the phone ----


def test_a_scanned_address_opens_in_the_phone(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    open_phone(page, sandbox)
    page.locator('.app[data-app="scan"]').click()
    paste_into(page, f"{little_app.url}/p/abc".upper())
    inner = page.frame_locator("#page-slot iframe")
    expect(inner.locator("#path")).to_have_text("/P/ABC")


def test_a_foreign_address_is_not_opened_in_the_phone(page: Page, sandbox: Client) -> None:
    open_phone(page, sandbox)
    page.locator('.app[data-app="scan"]').click()
    paste_into(page, "https://evil.example/x")
    expect(page.get_by_text("这个链接不属于本系统")).to_be_visible()


def test_a_picture_of_a_code_is_decoded(page: Page, sandbox: Client, little_app: LittleApp) -> None:
    open_phone(page, sandbox)
    page.locator('.app[data-app="scan"]').click()
    frame = page.frame_locator('iframe[title="扫一扫"]')
    frame.locator('input[type="file"]').set_input_files(picture(qr_png(little_app.qr_text)))
    inner = page.frame_locator("#page-slot iframe")
    expect(inner.locator("#path")).to_have_text("/P/TESTCODE")


def test_a_picture_without_a_code_says_so(page: Page, sandbox: Client) -> None:
    page.goto(f"{sandbox.base}/sandbox/scanner")
    blank = b"<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'/>"
    page.locator('input[type="file"]').set_input_files(picture(blank, "image/svg+xml"))
    expect(page.get_by_role("status")).to_have_text("图片里没有找到二维码")


def test_a_code_photographed_on_one_phone_is_scanned_on_another(
    page: Page, sandbox: Client, little_app: LittleApp
) -> None:
    sandbox.wechat(
        "menu/create",
        {"button": [{"type": "view", "name": "通行码", "url": f"{little_app.url}/code"}]},
    )
    open_phone(page, sandbox)
    open_chat(page)
    page.get_by_role("button", name="通行码").click()
    expect(page.frame_locator("#page-slot iframe").locator("img")).to_be_visible()
    expect(page.locator("#page-bar b")).to_have_text("/code")
    page.get_by_role("button", name="拍下二维码").click()
    expect(page.locator("#toast")).to_contain_text("已拍下")
    take_over(page, "吴晓东")
    page.locator('.app[data-app="scan"]').click()
    frame = page.frame_locator('iframe[title="扫一扫"]')
    frame.get_by_role("button", name="梁志强的手机").click()
    inner = page.frame_locator("#page-slot iframe")
    expect(inner.locator("#path")).to_have_text("/P/TESTCODE")
