"""A walk through every page of the running demo: for screenshots, and for tests of the look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from scripts.tour_of_offices import lead_stops, town_stops
from wxbackend.domain.moments import to_local

PHONE = {"width": 390, "height": 780}
_BROWSER = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107 MicroMessenger/8.0.30"


@dataclass(frozen=True)
class Stop:
    """One page of the walk, open in `page`."""

    name: str
    page: Page


class Tour:
    """One driver reserves, one member of staff decides; every page on the way is a stop."""

    def __init__(
        self, browser: Browser, *, url: str, sandbox_url: str, folder: Path, picture: Path
    ) -> None:
        self._browser = browser
        self._url = url
        self._sandbox_url = sandbox_url
        self._accounts = json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))
        self._personas = json.loads((folder / "personas.json").read_text(encoding="utf-8"))
        self._picture = picture
        self._code = ""

    def walk(self, **options: Any) -> Iterator[Stop]:
        """Every stop, in one pair of browser contexts made with `options`."""
        driver, staff, lead, town = (self._context(**options) for _ in range(4))
        try:
            for part in (
                self._driver(driver),
                self._staff(staff),
                self._lead(lead, driver),
                self._town(town),
            ):
                for stop in part:
                    _settle(stop.page)
                    yield stop
        finally:
            for context in (driver, staff, lead, town):
                context.close()

    def _context(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **{"viewport": PHONE, "user_agent": _BROWSER, **options},
        )
        context.set_default_timeout(15_000)
        return context

    # ---- the driver ----

    def _driver(self, context: BrowserContext) -> Iterator[Stop]:
        person = self._personas[3]
        cookie = {"name": "sandbox_persona", "value": person["openid"], "url": self._sandbox_url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{self._url}/d")
        yield Stop("driver-home-empty", page)
        page.get_by_role("link", name="新增预约").click()
        yield Stop("driver-form", page)
        self._fill(page, person)
        page.locator("#id_number").fill("440115198803120008")
        self._submit(page)
        yield Stop("driver-form-errors", page)
        page.locator("#id_number").fill(person["id_number"])
        self._submit(page)
        check = page.url
        page.goto(f"{check}&outcome=fail")
        yield Stop("identity-failed", page)
        page.get_by_role("link", name="修改后重新提交").click()
        yield Stop("driver-edit", page)
        self._submit(page)
        check = page.url
        page.goto(f"{self._url}/d")
        yield Stop("driver-home-pending", page)
        page.get_by_role("link", name="继续认证").click()
        yield Stop("identity-pending", page)
        page.goto(f"{check}&outcome=pass")
        page.locator(".pass__code").wait_for()
        self._code = page.locator(".pass__code").inner_text()
        yield Stop("driver-pass", page)
        for name, text in (
            ("driver-change", "修改到达时间或卡口"),
            ("driver-detail", "查看预约详情"),
            ("driver-cancel", "取消预约"),
        ):
            page.get_by_role("link", name=text).click()
            yield Stop(name, page)
            page.go_back()
        page.goto(f"{self._url}/d")
        yield Stop("driver-home", page)

    def _fill(self, page: Page, person: dict[str, str]) -> None:
        arrival = to_local(datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
        texts = {
            "name": person["name"],
            "phone": person["phone"],
            "plate_number": "粤A8K652",
            "trailer_plate": "粤AJ219挂",
            "origin": "深圳市宝安区",
            "destination_address": "红港路物流园 3 号仓",
            "arrival_at": arrival,
            "cargo": "建筑钢材",
        }
        for name, text in texts.items():
            page.locator(f"#{name}").fill(text)
        page.locator("#vehicle_type").select_option("heavy")
        page.locator("#destination_town").select_option(index=4)
        page.locator("#checkpoint").select_option(index=1)
        for name, value in (
            ("health_code", "green"),
            ("high_risk_travel", "no"),
            ("symptoms", "no"),
        ):
            page.locator(f'input[name="{name}"][value="{value}"]').check()
        page.locator("#health_code_image").set_input_files(self._picture)
        page.get_by_alt_text("已上传的健康码截图").wait_for()
        page.get_by_role("button", name="添加乘车人").click()
        page.locator("#passengers-0-name").fill(self._personas[0]["name"])
        page.locator("#passengers-0-id_number").fill(self._personas[0]["id_number"])

    @staticmethod
    def _submit(page: Page) -> None:
        with page.expect_navigation():
            page.locator(".bar").get_by_role("button", name="提交预约").click()

    # ---- the staff ----

    def _staff(self, context: BrowserContext) -> Iterator[Stop]:
        account = next(one for one in self._accounts if one["role"] == "checkpoint")
        page = context.new_page()
        page.goto(f"{self._url}/P/{'A' * 26}")
        yield Stop("neutral", page)
        page.get_by_role("button", name="工作人员登录").click()
        yield Stop("sign-in", page)
        page.get_by_label("账号").fill(account["account"])
        page.get_by_label("密码").fill("wrong")
        page.get_by_role("button", name="登录").click()
        yield Stop("sign-in-wrong", page)
        page.get_by_label("密码").fill(account["password"])
        page.get_by_role("button", name="登录").click()
        yield Stop("neutral-off-shift", page)
        page.goto(f"{self._url}/gate")
        yield Stop("gate-start", page)
        page.get_by_role("button", name="开始值班").click()
        page.goto(f"{self._url}/gate")
        yield Stop("gate-home", page)
        page.get_by_role("button", name="扫一扫").click()
        page.get_by_text("摄像头没有打开").wait_for()
        yield Stop("gate-camera", page)
        yield from self._codes(page)
        yield from self._scan(page)

    def _codes(self, page: Page) -> Iterator[Stop]:
        page.goto(f"{self._url}/gate/short-code")
        yield Stop("gate-short-code", page)
        page.get_by_label("短码").fill("123")
        page.get_by_role("button", name="查验").click()
        yield Stop("gate-short-code-wrong", page)
        page.get_by_label("短码").fill("2222 2222")
        page.get_by_role("button", name="查验").click()
        yield Stop("gate-unknown-code", page)

    def _scan(self, page: Page) -> Iterator[Stop]:
        page.goto(f"{self._url}/gate/short-code")
        page.get_by_label("短码").fill(self._code)
        page.get_by_role("button", name="查验").click()
        page.get_by_text("请核对证件").wait_for()
        scan = page.url
        yield Stop("gate-scan", page)
        page.get_by_role("link", name="不予通行").click()
        page.get_by_role("dialog").wait_for()
        yield Stop("gate-deny-sheet", page)
        page.goto(f"{scan}/deny")
        yield Stop("gate-deny", page)
        page.goto(f"{scan}/driver")
        yield Stop("gate-driver-detail", page)
        page.goto(scan)
        page.get_by_role("button", name="允许通行").click()
        page.get_by_role("heading", name="已允许通行").wait_for()
        yield Stop("gate-decision", page)
        page.goto(scan)
        yield Stop("gate-used", page)
        page.goto(f"{self._url}/gate/passages")
        yield Stop("gate-passages", page)
        page.goto(f"{self._url}/?choose=1")
        yield Stop("ports", page)
        page.goto(f"{self._url}/account/password")
        yield Stop("new-password", page)
        page.goto(f"{self._url}/nowhere")
        yield Stop("refusal", page)
        page.goto(f"{self._url}/gate")
        page.get_by_role("button", name="结束值班").click()  # the next walk begins before it

    # ---- the lead ----

    def _lead(self, context: BrowserContext, driver: BrowserContext) -> Iterator[Stop]:
        phone = next(one["phone"] for one in self._accounts if "phone" in one)
        page = context.new_page()
        page.goto(f"{self._url}/sign-in/phone")
        yield Stop("sign-in-phone", page)
        page.get_by_label("手机号码").fill(phone)
        page.get_by_role("button", name="获取验证码").click()
        yield Stop("sign-in-phone-sent", page)
        # A number gets one code a minute, and walks follow one another: in by password.
        self._sign_in(page, "enterprise")
        yield Stop("lead-home", page)
        for name in lead_stops(page, self._url):
            yield Stop(name, page)
        link = page.locator("#link").input_value()
        opened = driver.new_page()
        opened.goto(link)
        yield Stop("driver-prepared", opened)
        with page.expect_navigation():
            page.get_by_role("button", name="撤回代预约").click()
        yield Stop("lead-prepared-withdrawn", page)

    # ---- the town ----

    def _town(self, context: BrowserContext) -> Iterator[Stop]:
        page = context.new_page()
        self._sign_in(page, "town")
        yield Stop("town-home", page)
        for name in town_stops(page, self._url):
            yield Stop(name, page)

    def _sign_in(self, page: Page, role: str) -> None:
        account = next(one for one in self._accounts if one["role"] == role and "account" in one)
        page.goto(f"{self._url}/sign-in")
        page.get_by_label("账号").fill(account["account"])
        page.get_by_label("密码").fill(account["password"])
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()


def _settle(page: Page) -> None:
    """A tap may be on its way to another page still: let it begin, and arrive."""
    page.wait_for_timeout(200)
    page.wait_for_load_state("load")
    page.wait_for_function("document.body !== null")
