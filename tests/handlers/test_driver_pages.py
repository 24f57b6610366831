"""The driver's port over HTTP: reserving, failing, correcting, and never losing a letter."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from PIL import Image

from tests.browser import Browser
from tests.people import form_of

FAILED = "认证不通过,请确保是本人提交预约或身份证号码填写是否有误"


def fill(driver, story, persona, **changes):
    driver.get("/d/new")
    form = form_of(
        story.district,
        story.dependencies.clock(),
        name=persona["name"],
        id_number=persona["id_number"],
        **changes,
    )
    form["submission_key"] = driver.hidden("submission_key")
    return form


def come_back(driver, page: str, outcome: str) -> None:
    driver.get(driver.outside(f"{page}&outcome={outcome}").removeprefix(driver.app_url))


def test_the_first_visit_is_silent_and_empty(driver):
    driver.get("/d")
    assert driver.path == "/d"
    assert "还没有预约" in driver.text


def test_outside_wechat_the_page_says_where_to_open_it(app, sandbox, story):
    # Beside the sandbox any browser may play WeChat; elsewhere none but WeChat's own.
    web = app.extensions["wxbackend.web"]
    app.extensions["wxbackend.web"] = dataclasses.replace(web, client_cookie="")
    browser = Browser(app, sandbox)
    browser.get("/d")
    assert browser.status == 403
    assert "请在微信中打开" in browser.text


def test_reserve_identify_and_show_the_code(driver, story, persona):
    page = driver.post("/d/new", fill(driver, story, persona))
    assert "/authgzh/auth" in page
    come_back(driver, page, "pass")
    assert "请调亮屏幕" in driver.text
    image = re.search(r'src="([^"]+qr\.png)"', driver.page)
    driver.get(image[1])
    assert driver.response.mimetype == "image/png"
    assert driver.response.headers["Cache-Control"] == "no-store"


def test_a_failed_identity_says_the_manuals_words_and_keeps_all(driver, story, persona):
    page = driver.post("/d/new", fill(driver, story, persona, cargo="建筑钢材二号"))
    come_back(driver, page, "fail")
    assert FAILED in driver.text
    driver.get(driver.path + "/edit")
    assert 'value="建筑钢材二号"' in driver.page
    assert f'value="{persona["id_number"]}"' in driver.page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("id_number", "440115198803120008", "第 18 位校验码不对"),
        ("phone", "12345", "手机号码为 11 位数字"),
        ("plate_number", "粤AI2345", "没有字母 I 和 O"),
        ("arrival_at", "2020-01-01T00:00", "预计到达时间已过"),
        ("destination_town", "", "请选择"),
        ("origin", "", "请填写此项"),
    ],
)
def test_each_bad_field_is_said_beside_it_and_nothing_is_lost(
    driver, story, persona, field, value, sentence
):
    form = fill(driver, story, persona, cargo="散装水泥") | {field: value}
    driver.post("/d/new", form)
    assert driver.status == 422
    assert re.search(f'id="error-{field}".*?{sentence}', driver.page, re.S)
    assert 'aria-invalid="true"' in driver.page
    assert 'value="散装水泥"' in driver.page
    driver.get("/d")
    driver.get("/d/new")
    assert 'value="散装水泥"' in driver.page  # the draft kept it


def test_a_second_tap_makes_no_second_reservation(driver, story, persona):
    form = fill(driver, story, persona)
    first = driver.post("/d/new", dict(form))
    driver.get("/d/new")
    second = driver.post("/d/new", dict(form))
    assert first == second
    driver.get("/d")
    assert "共 1 条" in driver.text


def test_the_script_saves_the_draft_while_typing(driver):
    driver.get("/d/new")
    driver.post("/d/drafts/new", {"name": "李某某", "origin": "东莞"})
    assert driver.status == 204
    driver.get("/d/new")
    assert 'value="东莞"' in driver.page


def picture(size=(80, 60)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, "PNG")
    out.seek(0)
    return out


def test_a_picture_goes_up_at_once_and_comes_with_the_form(driver, story, persona):
    form = fill(driver, story, persona)
    driver.post(
        "/d/drafts/new/images/health_code_image",
        {"image": (picture(), "手机照片.png")},
        Accept="application/json",
    )
    assert driver.status == 201
    address = driver.response.get_json()["url"]
    driver.get(address)
    assert driver.response.mimetype == "image/jpeg"
    driver.get("/d/new")
    assert address in driver.page
    page = driver.post("/d/new", form)
    come_back(driver, page, "pass")
    driver.get(driver.path + "/detail")
    assert address in driver.page


def test_a_bad_picture_is_refused_in_words(driver):
    driver.get("/d/new")
    driver.post(
        "/d/drafts/new/images/trip_card_image",
        {"image": (io.BytesIO(b"<svg/>"), "a.svg")},
        Accept="application/json",
    )
    assert driver.status == 422
    sentence = driver.response.get_json()["errors"]["trip_card_image"]
    assert sentence == "图片无法识别，请用 JPG、PNG 或 WebP 格式"


def test_without_scripts_pictures_and_passengers_work_too(driver, story, persona):
    form = fill(driver, story, persona)
    driver.post(
        "/d/new", form | {"change": "add_passenger", "trip_card_image": (picture(), "a.png")}
    )
    assert 'name="passengers-0-name"' in driver.page
    assert re.search(r'data-tile="trip_card_image".*?<img[^>]+src="/d/images/', driver.page, re.S)
    driver.post("/d/new", form | {"change": "remove_image:trip_card_image"})
    assert not re.search(r'data-tile-image src="/d/images/', driver.page)
    driver.post("/d/new", form | {"passengers-0-name": "周", "change": "remove_passenger:0"})
    assert 'value="周"' not in driver.page
    driver.get("/d")
    assert "还没有预约" in driver.text


def test_cancel_change_and_reserve_again(driver, story, persona):
    page = driver.post("/d/new", fill(driver, story, persona))
    come_back(driver, page, "pass")
    own = driver.path
    driver.get(f"{own}/change")
    driver.post(f"{own}/change", {"arrival_at": "2020-01-01T00:00", "checkpoint": "1"})
    assert driver.status == 422
    assert "预计到达时间已过" in driver.text
    driver.get(f"{own}/cancel")
    driver.post(f"{own}/cancel")
    assert "已取消" in driver.text
    driver.get(own)
    assert "预约已取消" in driver.text
    driver.post(f"{own}/again")
    assert driver.path == "/d/new"
    assert f'value="{persona["name"]}"' in driver.page


def test_a_poster_leads_to_a_form_with_its_checkpoint(driver, story):
    from models.database import reading
    from models.places import list_checkpoints

    with reading() as session:
        point = list_checkpoints(session)[1]
        key, number = point.poster_key, point.id
    driver.get(f"/d/c/{key}")
    assert driver.path == "/d/new"
    assert f'<option value="{number}" selected>' in driver.page
    driver.get("/d/c/unknown")
    assert driver.status == 404


def test_an_open_pass_page_learns_that_the_gate_decided(driver, story, persona):
    page = driver.post("/d/new", fill(driver, story, persona))
    come_back(driver, page, "pass")
    own = driver.path
    driver.get(f"{own}/state", Accept="application/json")
    assert driver.response.get_json()["state"] == "reserved"
    story.execute("UPDATE reservation SET state = 'denied'")
    driver.get(f"{own}/state", Accept="application/json")
    assert driver.response.get_json()["state"] == "denied"


def test_passport_holders_get_a_code_and_a_hint(driver, story, persona):
    form = fill(driver, story, persona) | {"id_type": "passport", "id_number": "E12345678"}
    driver.post("/d/new", form)
    assert "请调亮屏幕" in driver.text
    assert "卡口将人工核验证件" in driver.text


def test_everything_typed_is_escaped(driver, story, persona):
    evil = '"><img src=x onerror=alert(1)>{{7*7}}'
    driver.post("/d/new", fill(driver, story, persona, cargo=evil, phone="1"))
    assert "<img src=x" not in driver.page
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in driver.page


def test_weijing_down_loses_nothing(driver, story, persona, sandbox):
    form = fill(driver, story, persona)
    sandbox.fault("weijing", "http_500", count=3)
    driver.post("/d/new", form)
    assert driver.status == 503
    assert "微警认证暂不可用" in driver.text
    sandbox.delete("/sandbox/faults")
    driver.get("/d")
    assert "待认证" in driver.text
    own = re.search(r'href="(/d/reservations/\w+)"', driver.page)[1]
    driver.get(own)
    page = driver.post(f"{own}/identity")
    come_back(driver, page, "pass")
    assert "请调亮屏幕" in driver.text


def test_a_return_without_a_cookie_still_settles(driver, story, persona, app, sandbox):
    page = driver.post("/d/new", fill(driver, story, persona))
    back = driver.outside(f"{page}&outcome=pass").removeprefix(driver.app_url)
    elsewhere = Browser(app, sandbox, openid=sandbox.personas()[1]["openid"])
    elsewhere.get(back)
    assert elsewhere.status == 404  # somebody else's reservation does not exist for them
    driver.get("/d")
    assert "待通行" in driver.text
