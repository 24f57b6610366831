from __future__ import annotations

from tests.browser import Browser
from tests.people import form_of, make_district, make_guard_account
from wxbackend.services.outbox import send_due


def test_driver_reserves_and_staff_decide(app, sandbox, dependencies, clock):
    district = make_district(dependencies)
    password = make_guard_account(dependencies)
    persona = sandbox.personas()[0]
    driver = Browser(app, sandbox, openid=persona["openid"])
    driver.get("/d")
    assert "还没有预约" in driver.text
    driver.get("/d/new")
    form = form_of(district, clock.now, name=persona["name"], id_number=persona["id_number"])
    form["submission_key"] = driver.hidden("submission_key")
    page = driver.post("/d/new", form)
    assert "/authgzh/auth" in page, driver.text
    back = driver.outside(page + "&outcome=pass")
    driver.get(back.removeprefix(driver.app_url))
    assert "请调亮屏幕" in driver.text
    staff = Browser(app, sandbox)
    staff.get("/gate")
    staff.post("/sign-in", {"account": "gate1", "password": password})
    assert "开始值班" in staff.text
    staff.post("/gate/shift")
    assert "扫一扫" in staff.text
    import re

    code = re.search(r'pass__code">(.*?)</p>', driver.page)[1]
    code = re.sub(r"<[^>]+>", "", code)
    staff.get("/gate/short-code")
    staff.post("/gate/short-code", {"short_code": code})
    assert "请仔细核对" in staff.text
    request_id = staff.hidden("request_id")
    staff.post(staff.path + "/decision", {"verdict": "allowed", "request_id": request_id})
    assert "已允许通行" in staff.text
    while send_due(dependencies, holder="test", limit=20):
        pass
