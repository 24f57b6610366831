"""The lead's and the town's part of the walk: each page is left open, and its name given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page

from wxbackend.domain.moments import to_local

_FILE = "姓名,证件号码,手机号,车牌号\n郑某某,123,13711110007,粤A06218D\n"


def lead_stops(page: Page, url: str) -> Iterator[str]:
    """【员工管理】, 【司机预约查询】 and 代预约; the last page has the link of a new form."""
    yield from _employees(page, url)
    yield from _import(page, url)
    page.goto(f"{url}/e/reservations")
    yield "lead-reservations"
    _follow(page, page.get_by_role("link", name="未通行"))
    yield "lead-reservations-open"
    for link in page.locator(".rec_link").all()[:1]:
        _follow(page, link)
        yield "lead-reservation"
    yield from _prepare(page, url)


def town_stops(page: Page, url: str) -> Iterator[str]:
    """【货车司机】: enterprises, drivers, reservations and passages."""
    _follow(page, page.get_by_role("link", name="货车司机").first)
    yield "town-drivers"
    page.get_by_role("searchbox").fill("粤")
    _follow(page, page.get_by_role("button", name="搜索"))
    yield "town-drivers-found"
    page.goto(f"{url}/t/drivers")
    _follow(page, page.locator("[data-rows] a.row").first)
    yield "town-enterprise"
    _follow(page, page.locator("[data-rows] a.row").first)
    yield "town-driver"
    _follow(page, page.get_by_role("button", name="显示").first)
    yield "town-driver-shown"
    page.goto(f"{url}/t/reservations")
    yield "town-reservations"
    page.goto(f"{url}/t/reservations?tab=decided")
    yield "town-passages"
    for link in page.locator(".rec_link").all()[:1]:
        _follow(page, link)
        yield "town-reservation"


def _employees(page: Page, url: str) -> Iterator[str]:
    _follow(page, page.get_by_role("link", name="员工管理"))
    yield "lead-employees"
    _follow(page, page.get_by_role("link", name="新增"))
    yield "lead-employee-new"
    page.get_by_label("证件号码").fill("123")
    _follow(page, page.get_by_role("button", name="保存"))
    yield "lead-employee-errors"
    page.goto(f"{url}/e/employees")
    _follow(page, page.locator("[data-rows] a.row").first)
    yield "lead-employee"
    _follow(page, page.get_by_role("button", name="显示").first)
    yield "lead-employee-shown"
    for name, words in (("lead-employee-edit", "编辑"), ("lead-employee-remove", "移除")):
        page.goto(f"{url}/e/employees")
        _follow(page, page.locator("[data-rows] a.row").first)
        _follow(page, page.get_by_role("link", name=words, exact=True))
        yield name
    page.goto(f"{url}/e/employees")
    _follow(page, page.locator("[data-rows] a.row").first)
    _follow(page, page.get_by_role("link", name="预约和通行记录"))
    yield "lead-employee-trips"
    page.goto(f"{url}/e/employees?removed=yes")
    yield "lead-employees-removed"


def _import(page: Page, url: str) -> Iterator[str]:
    page.goto(f"{url}/e/import")
    yield "lead-import"
    page.locator("#file").set_input_files(
        {"name": "员工.csv", "mimeType": "text/csv", "buffer": _FILE.encode()}
    )
    _follow(page, page.get_by_role("button", name="上传并检查"))
    page.get_by_role("heading", name="错误行").wait_for()
    yield "lead-import-preview"
    _follow(page, page.get_by_role("button", name="不导入"))
    page.get_by_text("未写入任何数据").wait_for()
    yield "lead-import-left"


def _prepare(page: Page, url: str) -> Iterator[str]:
    page.goto(f"{url}/e/prepared")
    yield "lead-prepared"
    _follow(page, page.get_by_role("link", name="代预约").first)
    yield "lead-prepared-pick"
    _follow(page, page.locator("[data-rows] a.row").first)
    page.get_by_role("button", name="添加乘车人").click()
    page.locator("#passengers-0-name").fill("周某某")
    yield "lead-prepared-new"
    _follow(page, page.locator(".bar").get_by_role("button", name="生成链接"))
    page.get_by_text("处需要修改").wait_for()
    yield "lead-prepared-errors"
    page.locator("[data-passenger-remove]").first.click()
    arrival = to_local(datetime.now(UTC) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    page.locator("#plate_number").fill("粤A8K652")
    page.locator("#origin").fill("深圳市宝安区")
    page.locator("#arrival_at").fill(arrival)
    page.locator("#destination_town").select_option(index=4)
    page.locator("#checkpoint").select_option(index=1)
    _follow(page, page.locator(".bar").get_by_role("button", name="生成链接"))
    page.get_by_role("heading", name="发给司机本人").wait_for()
    yield "lead-prepared-link"


def _follow(page: Page, target: Locator) -> None:
    """Tap it and wait for the page that it leads to."""
    with page.expect_navigation():
        target.click()
