"""代预约: a lead fills in the form, the driver finishes it, and the link shows no number."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from models.database import reading
from tests.browser import Browser
from tests.handlers.test_lead_pages import PHONE, link_of, sign_in
from tests.people import form_of, resident_id
from tests.stories import answer_page

ENTERPRISE = "广州顺达物流有限公司"
NUMBER = resident_id(1)


@pytest.fixture
def own(story) -> int:
    enterprise = story.enterprise(ENTERPRISE, "黄阁镇", PHONE)
    story.employ(enterprise, NUMBER, "李某某")
    return enterprise


@pytest.fixture
def lead(app, story, sandbox, own) -> Browser:
    return sign_in(app, story, sandbox)


def trip(story, **changes: str) -> dict[str, str]:
    """What a lead fills in: everything but who drives and the health."""
    form = form_of(story.district, story.dependencies.clock(), **changes)
    left_out = {"name", "id_type", "id_number", "phone", "health_code", "high_risk_travel"}
    return {name: text for name, text in form.items() if name not in left_out | {"symptoms"}}


HEALTH = {"health_code": "green", "high_risk_travel": "no", "symptoms": "no"}
PASSENGER = {
    "passengers-0-name": "周某某",
    "passengers-0-id_type": "resident_id",
    "passengers-0-id_number": resident_id(30),
    "passengers-0-phone": "",
}


def prepare(lead: Browser, story, **changes: str) -> str:
    """The lead's way to the link; its path."""
    lead.get("/e/prepared/pick")
    lead.get(link_of(lead, "李某某"))
    lead.post(lead.path, {**trip(story), **changes})
    assert lead.status == 200, lead.text
    found = re.search(r'value="[^"]*(/d/prepared/[a-z2-7]{26})"', lead.page)
    assert found, lead.text
    return found[1]


def finish(story, driver: Browser, outcome: str = "pass") -> None:
    driver.get(answer_page(driver.page, outcome).removeprefix(driver.app_url))


def submit(driver: Browser, story, link: str, **changes: str) -> None:
    driver.get(link)
    driver.post(link, {**trip(story), **HEALTH, "riding": "0", **changes})


def scalar(sql: str) -> object:
    with reading() as session:
        return session.execute(text(sql)).scalar_one()


def test_the_driver_finishes_what_the_lead_filled_in(lead, driver, story):
    link = prepare(lead, story, **PASSENGER)
    page = lead.path
    assert "待司机确认" in lead.text
    driver.get(link)
    assert f"由 {ENTERPRISE} 代填" in driver.text
    assert "深圳市宝安区" in driver.page
    submit(driver, story, link)
    assert "/authgzh/auth" in driver.page
    finish(story, driver)
    assert "请调亮屏幕" in driver.text
    lead.get(page)
    assert "已提交" in lead.text
    lead.get(link_of(lead, "司机已提交"))
    assert "待通行" in lead.text
    assert "周某某" in lead.text
    assert scalar("SELECT id_number_hash FROM reservation") == scalar(
        "SELECT id_number_hash FROM employee"
    )
    assert scalar("SELECT count(*) FROM prepared_reservation WHERE form IS NULL") == 1
    assert scalar("SELECT count(*) FROM audit_entry WHERE action = 'finish_prepared'") == 1


def numbers_on(page: str) -> list[str]:
    return [number for number in (NUMBER, resident_id(30), "13800005678") if number in page]


def test_no_page_shows_a_number_to_whoever_holds_the_link(lead, driver, story):
    link = prepare(lead, story, **PASSENGER)
    seen = [driver.get(link)]
    seen.append(driver.post(link, {**trip(story), "plate_number": "x"}))  # with errors
    assert driver.status == 422
    submit(driver, story, link)
    finish(story, driver, "fail")  # somebody else than the driver
    seen.append(driver.page)
    assert "认证不通过" in driver.text
    reservation = scalar("SELECT public_id FROM reservation")
    seen.append(driver.get(f"/d/reservations/{reservation}"))
    seen.append(driver.get(f"/d/reservations/{reservation}/detail"))
    seen.append(driver.get(f"/d/reservations/{reservation}/edit"))
    assert "李某某" in driver.text
    seen.append(driver.get("/d/new"))  # nothing is remembered of somebody else
    driver.get("/d")
    seen.append(driver.post(f"/d/reservations/{reservation}/again"))
    for page in seen:
        assert numbers_on(page) == []


def test_after_a_failed_check_the_driver_corrects_what_is_theirs(lead, driver, story):
    link = prepare(lead, story, **PASSENGER)
    submit(driver, story, link)
    finish(story, driver, "fail")
    reservation = scalar("SELECT public_id FROM reservation")
    edit = f"/d/reservations/{reservation}/edit"
    driver.get(edit)
    stranger = {"name": "王某某", "id_number": resident_id(40), "phone": "13700000000"}
    driver.post(edit, {**trip(story, origin="东莞市"), **HEALTH, **stranger, "riding": "0"})
    finish(story, driver)
    assert "请调亮屏幕" in driver.text
    driver.get(f"/d/reservations/{reservation}/detail")
    assert "李某某" in driver.text
    assert "东莞市" in driver.text
    assert "周某某" in driver.text


def test_a_passenger_who_does_not_ride_is_left_out(lead, driver, story):
    link = prepare(lead, story, **PASSENGER)
    own = {
        "passengers-0-name": "吴某某",
        "passengers-0-id_type": "resident_id",
        "passengers-0-id_number": resident_id(31),
        "passengers-0-phone": "",
    }
    submit(driver, story, link, riding="", **own)
    names = [row for row in _names("SELECT name FROM passenger ORDER BY position")]
    assert names == ["吴某某"]


def _names(sql: str) -> list[str]:
    with reading() as session:
        return list(session.execute(text(sql)).scalars())


def test_an_error_stands_at_the_passenger_that_the_driver_typed(lead, driver, story):
    link = prepare(lead, story, **PASSENGER)
    own = {
        "passengers-0-name": "吴某某",
        "passengers-0-id_type": "resident_id",
        "passengers-0-id_number": "123",
        "passengers-0-phone": "",
    }
    submit(driver, story, link, **own)
    assert driver.status == 422
    assert 'id="error-passengers-0-id_number"' in driver.page
    assert "吴某某" in driver.page


def test_a_stranger_outside_wechat_sees_nothing(lead, stranger, story):
    link = prepare(lead, story)
    target = stranger.redirect_of(link)
    assert "/connect/oauth2/authorize" in target
    assert "prepared" not in target


def test_the_first_who_finishes_wins(app, lead, driver, story, sandbox):
    link = prepare(lead, story)
    second = Browser(app, sandbox, openid=sandbox.personas()[1]["openid"])
    second.get(link)
    submit(driver, story, link)
    finish(story, driver)
    second.post(link, {**trip(story), **HEALTH})
    assert second.status == 409
    assert "这份代预约已提交" in second.text
    second.get(link)
    assert second.status == 409
    driver.get(link)  # the driver is led to their own reservation
    assert "请调亮屏幕" in driver.text


def test_submitting_twice_makes_one_reservation(lead, driver, story):
    link = prepare(lead, story)
    submit(driver, story, link)
    driver.post(link, {**trip(story), **HEALTH})
    assert scalar("SELECT count(*) FROM reservation") == 1


def test_a_withdrawn_or_expired_form_opens_no_more(app, lead, driver, story, sandbox, clock):
    link = prepare(lead, story)
    lead.post(lead.path + "/withdraw")
    assert "已撤回" in lead.text
    driver.get(link)
    assert driver.status == 409
    assert "这份代预约已失效" in driver.text
    clock.advance(minutes=3)
    link = prepare(lead, story)
    clock.advance(hours=3)
    driver.get(link)
    assert driver.status == 409
    lead = sign_in(app, story, sandbox)  # three hours without a page end a session
    lead.get("/e/prepared")
    assert "已过期" in lead.text


def test_a_removed_driver_cannot_open_the_form(lead, driver, story):
    link = prepare(lead, story)
    story.execute("UPDATE employee SET removed_at = updated_at")
    driver.get(link)
    assert driver.status == 409


def test_a_guessed_link_is_not_found(driver, own):
    driver.get("/d/prepared/" + "a" * 26)
    assert driver.status == 404


def test_the_link_goes_out_by_sms_once_a_minute(lead, story, sandbox, clock):
    link = prepare(lead, story)
    page = lead.path
    before = len(sandbox.messages(channel="sms"))
    lead.post(page + "/sms")
    assert "短信已发送" in lead.text
    lead.post(page + "/sms")
    assert "一分钟内只能发送一次" in lead.text
    story.send_all()
    sent = sandbox.messages(channel="sms")[before:]
    assert len(sent) == 1
    assert link in sent[0]["text"]
    assert sent[0]["text"].startswith(f"{ENTERPRISE}已为您填写进入南沙区的预约")
    clock.advance(seconds=61)
    lead.post(page + "/sms")
    assert "短信已发送" in lead.text


def test_a_form_with_errors_says_so_and_keeps_everything(lead, story):
    lead.get("/e/prepared/pick")
    lead.get(link_of(lead, "李某某"))
    lead.post(lead.path, {**trip(story), "origin": "", "plate_number": "粤A8K652"})
    assert lead.status == 422
    assert "请填写此项" in lead.text
    assert "粤A8K652" in lead.page
    assert "健康码" not in lead.text.replace("健康申报", "")


def test_another_enterprise_sees_nothing_of_it(app, lead, story, sandbox):
    prepare(lead, story)
    path = lead.path
    story.enterprise("广东海湾运输有限公司", "东涌镇", "13900000002")
    other = sign_in(app, story, sandbox, "13900000002")
    for rest in ("", "/qr.png"):
        other.get(path + rest)
        assert other.status == 404
    for rest in ("/sms", "/withdraw", "/link"):
        other.post(path + rest)
        assert other.status == 404
    other.get("/e/prepared")
    assert "李某某" not in other.text


def test_a_driver_cannot_take_the_servers_key(driver, story, lead):
    """A key of 代预约 that a browser sends is not believed."""
    prepare(lead, story)
    public_id = scalar("SELECT public_id FROM prepared_reservation")
    form = form_of(
        story.district, story.dependencies.clock(), id_type="passport", id_number="E12345678"
    )
    driver.get("/d/new")
    driver.post("/d/new", {**form, "submission_key": f"prepared-{public_id}"})
    assert scalar("SELECT count(*) FROM reservation") == 1
    assert scalar("SELECT state FROM prepared_reservation") == "waiting"
    assert not str(scalar("SELECT submission_key FROM reservation")).startswith("prepared")
