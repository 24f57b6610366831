"""The checkpoint's port over HTTP, and what everybody else sees of a pass link."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from models.database import reading
from tests.people import resident_id


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


@pytest.fixture
def reserved(story):
    story.test_result(resident_id(1), hours_ago=6)
    return story.reserve()


PERSONAL = ["李某某", resident_id(1), "粤A8K652", "8K652", "13800005678", "建筑钢材"]


def assert_neutral(browser, token: str) -> None:
    for path in (f"/P/{token}", f"/p/{token.lower()}"):
        browser.get(path)
        assert browser.status == 200
        assert "请由卡口工作人员查验" in browser.text
        assert "工作人员登录" in browser.text or "开始值班" in browser.text
        assert not [word for word in PERSONAL if word in browser.page]
    assert scalar("SELECT count(*) FROM scan") == 0
    assert scalar("SELECT state FROM reservation") == "reserved"


def test_a_stranger_sees_nothing_and_uses_nothing_up(stranger, reserved):
    assert_neutral(stranger, reserved.token)


def test_the_driver_sees_nothing_either(driver, reserved):
    assert_neutral(driver, reserved.token)


def test_a_signed_in_lead_sees_nothing(lead, reserved, story):
    assert_neutral(lead, reserved.token)


def test_staff_off_shift_see_nothing_and_are_led_back(staff, reserved):
    browser = staff(on_shift=False)
    assert_neutral(browser, reserved.token)
    browser.post("/gate/shift")
    assert "粤A" in browser.text
    assert scalar("SELECT count(*) FROM scan") == 1


def test_an_unknown_token_looks_the_same_to_strangers(stranger, reserved):
    stranger.get(f"/P/{reserved.token}")
    known = stranger.text
    stranger.get("/P/" + "A" * 26)
    assert stranger.text == known
    stranger.get("/P/whatever")
    assert stranger.text == known


def test_signing_in_from_a_pass_link_comes_back_to_it(stranger, reserved, story):
    from tests.people import make_guard_account

    password = make_guard_account(story.dependencies, "gate9")
    stranger.get(f"/P/{reserved.token}")
    stranger.post("/P/sign-in", {"token": stranger.hidden("token")})
    assert stranger.path == "/sign-in"
    stranger.post("/sign-in", {"account": "GATE9", "password": password})
    assert "开始值班" in stranger.text
    stranger.post("/gate/shift")
    assert "440115 19880312" in stranger.text


def test_the_page_shows_every_fact_in_words(staff, reserved):
    browser = staff()
    browser.get(f"/P/{reserved.token}")
    for words in (
        "请仔细核对",
        "李某某",
        "已通过微警认证",
        "非南沙企业司机",
        "24小时阴性",
        "6 小时前",
        "未接种疫苗",
        "司机详情",
        "不予通行",
        "允许通行",
    ):
        assert words in browser.text, words


def test_scanner_short_code_and_link_lead_to_the_same_page(staff, reserved, story):
    browser = staff()
    browser.get("/gate")
    browser.post("/gate/scan", {"code": f"{browser.app_url}/P/{reserved.token}".upper()})
    by_scanner = browser.text
    browser.get("/gate/short-code")
    browser.post("/gate/short-code", {"short_code": reserved.short_code.lower()})
    assert browser.text == by_scanner
    browser.get(f"/P/{reserved.token}")
    assert browser.text == by_scanner
    assert scalar("SELECT count(DISTINCT means) FROM scan") == 3


@pytest.mark.parametrize("code", ["https://evil.example/P/" + "A" * 26, "粤康码", "", "22222222"])
def test_what_is_no_code_of_ours_is_said_so(staff, code):
    browser = staff()
    browser.get("/gate")
    browser.post("/gate/scan", {"code": code})
    assert browser.status == 404
    assert "不是本系统的通行码" in browser.text
    assert scalar("SELECT outcome FROM scan") == "unknown"


def test_a_short_code_of_the_wrong_form_is_said_beside_the_field(staff):
    browser = staff()
    browser.get("/gate/short-code")
    browser.post("/gate/short-code", {"short_code": "123"})
    assert browser.status == 422
    assert "短码为 8 位字母和数字" in browser.text


def open_pass(browser, reserved) -> str:
    browser.get(f"/P/{reserved.token}")
    return browser.path


def test_allow_fills_the_screen_and_ends_the_code(staff, reserved):
    browser = staff()
    scan = open_pass(browser, reserved)
    browser.post(
        f"{scan}/decision", {"verdict": "allowed", "request_id": browser.hidden("request_id")}
    )
    assert browser.path == f"{scan}/decision"
    assert "已允许通行" in browser.text
    open_pass(browser, reserved)
    assert "二维码已过期, 请司机重新预约" in browser.text
    assert "陈某某" in browser.text
    assert "440115" not in browser.text
    browser.get("/gate/passages")
    assert "粤A· 8K652" in browser.text or "粤A·8K652" in browser.text


def test_deny_needs_a_reason_and_records_it(staff, reserved, story):
    browser = staff()
    scan = open_pass(browser, reserved)
    request_id = browser.hidden("request_id")
    browser.get(f"{scan}/deny?request_id={request_id}")
    browser.post(f"{scan}/decision", {"verdict": "denied", "request_id": request_id})
    assert browser.status == 422
    assert "请选择不予通行的原因" in browser.text
    reason = str(story.district.reason_ids["体温异常"])
    browser.post(
        f"{scan}/decision", {"verdict": "denied", "reason": reason, "request_id": request_id}
    )
    assert "已不予通行" in browser.text
    assert "体温异常" in browser.text


def test_going_back_and_deciding_again_changes_nothing(staff, reserved):
    browser = staff()
    scan = open_pass(browser, reserved)
    form = {"verdict": "allowed", "request_id": browser.hidden("request_id")}
    browser.post(f"{scan}/decision", dict(form))
    browser.get("/gate")
    browser.post(f"{scan}/decision", dict(form))  # the page from memory sends the same again
    assert browser.status == 200
    assert "已允许通行" in browser.text
    assert scalar("SELECT count(*) FROM passage") == 1


def test_the_second_decision_is_told_of_the_first(staff, reserved):
    first, second = staff(), staff("黄阁卡口")
    scans = [open_pass(browser, reserved) for browser in (first, second)]
    first.post(f"{scans[0]}/decision", {"verdict": "allowed", "request_id": "a"})
    second.post(f"{scans[1]}/decision", {"verdict": "denied", "reason": "1", "request_id": "b"})
    assert second.status == 409
    for words in ("已由他人决定", "允许通行", "万顷沙卡口", "陈某某"):
        assert words in second.text


def test_an_old_scan_is_refreshed_first(staff, reserved, clock):
    browser = staff()
    scan = open_pass(browser, reserved)
    request_id = browser.hidden("request_id")
    clock.advance(minutes=11)
    browser.post(f"{scan}/decision", {"verdict": "allowed", "request_id": request_id})
    assert browser.path != f"{scan}/decision"
    assert "上次扫码已超过 10 分钟" in browser.text
    assert scalar("SELECT count(*) FROM passage") == 0
    browser.post(
        f"{browser.path.partition('?')[0]}/decision",
        {"verdict": "allowed", "request_id": browser.hidden("request_id")},
    )
    assert "已允许通行" in browser.text


def test_a_cancelled_pass_between_look_and_decision(staff, reserved, story):
    browser = staff()
    scan = open_pass(browser, reserved)
    story.execute("UPDATE reservation SET state = 'cancelled'")
    browser.post(f"{scan}/decision", {"verdict": "allowed", "request_id": "x"})
    assert browser.status == 409
    assert "二维码已过期,请司机重新预约" in browser.text


def test_an_unchecked_document_is_marked_for_the_eye(staff, story):
    reserved = story.reserve(id_type="hk_macao_permit", id_number="H12345678")
    browser = staff()
    browser.get(f"/P/{reserved.token}")
    assert "证件未经微警认证,请人工核验" in browser.text
    assert "H12345678" in browser.text
    assert "港澳居民来往内地通行证" in browser.text


def test_another_checkpoint_and_an_early_truck_are_noted_not_blocked(staff, story, clock):
    reserved = story.reserve(arrival_at=local_in(clock, hours=30))
    browser = staff("东涌卡口")
    browser.get(f"/P/{reserved.token}")
    assert "本次为其他卡口" in browser.text
    assert "本次提前到达" in browser.text
    assert "允许通行" in browser.text


def local_in(clock, *, hours: int) -> str:
    from datetime import timedelta

    from wxbackend.domain.moments import to_local

    return to_local(clock.now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def test_driver_details_and_pictures_are_for_the_scans_owner(staff, story, reserved):
    import io

    from PIL import Image

    from wxbackend.domain.reservation import ImageKind
    from wxbackend.services import drafts
    from wxbackend.services.drafts import NEW

    out = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(out, "PNG")
    driver = story.driver()
    drafts.add_image(
        story.dependencies, driver, NEW, kind=ImageKind.HEALTH_CODE, content=out.getvalue()
    )
    mine = story.reserve(driver)
    first, second = staff(), staff()
    scan = open_pass(first, mine)
    first.get(f"{scan}/driver")
    assert "深圳市宝安区" in first.text
    assert "138****5678" in first.text
    image = re.search(r'src="(/gate/scans/[^"]+\.jpg)"', first.page)[1]
    first.get(image)
    assert first.response.mimetype == "image/jpeg"
    assert "sandbox" in first.response.headers["Content-Security-Policy"]
    for path in (f"{scan}/driver", image, scan):
        second.get(path)
        assert second.status == 404
    # Nor does a picture of another reservation open through one's own scan.
    other = open_pass(second, reserved)
    second.get(f"{other}/images/{image.rpartition('/')[2]}")
    assert second.status == 404


def test_a_registry_that_is_down_leaves_the_gate_open(app, staff, story, reserved, sandbox):
    import dataclasses
    from datetime import timedelta

    from wxbackend.gateways.health_registry import HttpHealthRegistry
    from wxbackend.gateways.tif import TifSigner

    registry = HttpHealthRegistry(
        base_url=f"{sandbox.url}/health-registry",
        tif=TifSigner("nsjkcx", "health-0b6e1d84f3c75a29"),
    )
    deps = app.extensions["wxbackend"]
    app.extensions["wxbackend"] = dataclasses.replace(
        deps,
        gateways=dataclasses.replace(deps.gateways, registry=registry),
        configured=dataclasses.replace(
            deps.configured,
            gate=dataclasses.replace(deps.configured.gate, registry_timeout=timedelta(seconds=1)),
        ),
    )
    browser = staff()
    for fault, value in (("refuse", None), ("timeout", 5), ("garbage", None), ("errcode", "18")):
        sandbox.fault("health", fault, value=value, count=4)
        browser.get(f"/P/{reserved.token}")
        assert browser.status == 200
        assert "核酸库暂不可用" in browser.text
        assert "疫苗库暂不可用" in browser.text
        assert "24小时阴性" not in browser.text
        sandbox.delete("/sandbox/faults")
    browser.post(
        f"{browser.path}/decision",
        {"verdict": "allowed", "request_id": browser.hidden("request_id")},
    )
    assert "已允许通行" in browser.text


def test_every_look_and_decision_is_audited_in_its_transaction(staff, reserved):
    browser = staff()
    scan = open_pass(browser, reserved)
    browser.get(f"{scan}/driver")
    browser.post(f"{scan}/decision", {"verdict": "allowed", "request_id": "a"})
    with reading() as session:
        found = session.execute(
            text(
                "SELECT action, actor_label, role FROM audit_entry WHERE role = 'checkpoint' "
                "ORDER BY id"
            )
        ).all()
    assert [row[0] for row in found] == [
        "sign_in",
        "start_shift",
        "scan",
        "view_driver_detail",
        "decide_passage",
    ]
    assert {row[1] for row in found} == {"gate1"}
