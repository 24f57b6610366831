"""The whole story through the API alone, over HTTP: every operation does its part in it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from models.database import reading
from models.places import find_checkpoint_by_name
from tests.api.test_driver import picture
from tests.people import form_of, make_guard_account, resident_id
from tests.stories import answer_page

pytestmark = pytest.mark.slow

HEALTHY = {"health_code": "green", "high_risk_travel": "no", "symptoms": "no"}
PERSONAL = {"name": "李某某", "id_number": resident_id(1), "phone": "13800005678"}


@pytest.fixture
def trip(story):
    form = form_of(story.district, story.dependencies.clock())
    own = {"name", "id_type", "id_number", "phone", *HEALTHY}
    return {name: text for name, text in form.items() if text and name not in own}


@pytest.fixture
def people(live_program, story, sandbox):
    """A lead, a driver and a guard, each with a phone of their own."""
    guard, driver, lead = (live_program.fresh() for _ in range(3))
    persona, employee = sandbox.personas()[:2]
    story.enterprise("广州顺达物流有限公司", "黄阁镇", persona["phone"])
    password = make_guard_account(story.dependencies, "gate1")
    guard.sign_in("password", {"account": "gate1", "password": password})
    guard.password = password
    driver.sign_in_as(employee["openid"])
    lead.sign_in_by_phone(persona["openid"])
    return lead, driver, guard


def test_from_the_roster_to_the_passage_through_the_api_alone(people, document, trip, story, clock):
    lead, driver, guard = people
    employee = manage_roster(lead)
    prepared = prepare(lead, employee, trip)
    finish_prepared(driver, prepared, trip)
    fill_in_form(driver)
    reservation = reserve(driver, trip)
    pass_link = look_after(driver, reservation, trip)
    decide(guard, driver, reservation, pass_link)
    look_up(lead, employee, reservation)
    import_roster(lead)
    leave(people, story, clock)
    assert document.operations - document.done == set()


def manage_roster(lead) -> str:
    enterprise = lead.get("/lead/enterprises")["enterprises"][0]["enterprise_id"]
    added = lead.post("/lead/employees", {**PERSONAL, "enterprise": enterprise})
    path = f"/lead/employees/{added['employee_id']}"
    version = lead.get(path)["version"]
    lead.put(path, {"name": "李某某", "position": "司机", "version": version})
    lead.delete(path)
    lead.post(f"{path}/return")
    assert lead.post(f"{path}/number", {"field": "phone"})["number"] == PERSONAL["phone"]
    assert lead.get("/lead/employees")["total"] == 1
    assert lead.post("/lead/employees/search", {"text": "李"})["total"] == 1
    assert lead.get("/lead/day")["employee_count"] == 1
    return added["employee_id"]


def prepare(lead, employee: str, trip) -> str:
    """A form for the employee; the token of its link."""
    made = lead.post("/lead/prepared", {**trip, "employee_id": employee})
    path = f"/lead/prepared/{made['prepared_id']}"
    lead.post(f"{path}/sms")
    lead.post(f"{path}/link")
    lead.get(f"{path}/qr.png")
    assert lead.get("/lead/prepared")["total"] == 1
    other = lead.post("/lead/prepared", {**trip, "employee_id": employee, "cargo": "水泥"})
    lead.post(f"/lead/prepared/{other['prepared_id']}/withdrawal")
    return lead.get(path)["link"].rpartition("/")[2]


def finish_prepared(driver, token: str, trip) -> None:
    assert driver.get(f"/driver/prepared/{token}")["draft"]["fixed"]["name"] == "李某某"
    made = driver.post(f"/driver/prepared/{token}/reservation", {**trip, **HEALTHY})
    assert made["needs_identity_check"]
    driver.post(f"/driver/reservations/{made['reservation_id']}/cancellation")


def fill_in_form(driver) -> None:
    driver.get("/form-options")
    driver.get("/driver/message-templates")
    driver.put("/driver/drafts/new", {"name": "李"})
    for kind in ("health_code_image", "trip_card_image"):
        added = driver.upload(f"/driver/drafts/new/images/{kind}", "image", picture())
        driver.get(f"/driver/images/{added['image_id']}")
    driver.delete("/driver/drafts/new/images/trip_card_image")
    assert driver.get("/driver/drafts/new")["images"].keys() == {"health_code_image"}
    with reading() as session:
        poster = find_checkpoint_by_name(session, "万顷沙卡口").poster_key
    driver.post("/driver/drafts/new/poster", {"poster_key": poster})


def reserve(driver, trip) -> str:
    """A wrong name first, corrected after 微警 said no."""
    made = driver.post("/driver/reservations", {**PERSONAL, **trip, **HEALTHY, "name": "王某某"})
    path = f"/driver/reservations/{made['reservation_id']}"
    answer_page(driver.post(f"{path}/identity-check")["page_url"], "fail")
    assert driver.post(f"{path}/identity-check/result")["summary"]["state"] == "identity_failed"
    driver.put(path, {**PERSONAL, **trip, **HEALTHY})
    answer_page(driver.post(f"{path}/identity-check")["page_url"], "pass")
    assert driver.post(f"{path}/identity-check/result")["summary"]["state"] == "reserved"
    return made["reservation_id"]


def look_after(driver, reservation: str, trip) -> str:
    """What the QR code carries."""
    path = f"/driver/reservations/{reservation}"
    changed = {"arrival_at": trip["arrival_at"], "checkpoint": trip["checkpoint"]}
    assert driver.put(f"{path}/arrival", changed).status == 204
    driver.post(f"{path}/repetition")
    driver.get(f"{path}/program-code.jpg")
    code = Image.open(io.BytesIO(driver.get(f"{path}/qr.png").bytes))
    return zxingcpp.read_barcodes(code)[0].text


def decide(guard, driver, reservation: str, pass_link: str) -> None:
    guard.post("/gate/shift")
    assert guard.get("/gate/shift")["shift"] is not None
    assert len(guard.get("/gate/denial-reasons")["reasons"]) == 6
    scan = guard.post("/gate/scans", {"code": pass_link})["scan_id"]
    scan = guard.post(f"/gate/scans/{scan}/refresh")["scan_id"]
    path = f"/gate/scans/{scan}"
    assert guard.get(path)["seen"]["roster"]["enterprises"] == ["广州顺达物流有限公司"]
    image = guard.get(f"{path}/driver")["images"]["health_code_image"]
    guard.get(f"{path}/images/{image}")
    assert guard.post(f"{path}/decision", {"verdict": "allowed"}).status == 201
    assert guard.get(f"{path}/decision")["driver_name"] == "李某某"
    assert guard.get("/gate/passages")["counts"]["allowed"] == 1
    assert driver.get(f"/driver/reservations/{reservation}")["summary"]["state"] == "passed"
    assert driver.get("/driver/reservations")["count"] == 2


def look_up(lead, employee: str, reservation: str) -> None:
    assert lead.get("/lead/reservations")["total"] == 1
    assert lead.get("/lead/reservations/counts")["passed"] == 1
    assert lead.post("/lead/reservations/search", {"text": "李"})["total"] == 1
    assert lead.get(f"/lead/employees/{employee}/reservations")["total"] == 2
    path = f"/lead/reservations/{reservation}"
    record = lead.get(path)
    lead.get(f"{path}/images/{record['declared']['images']['health_code_image']}")
    number = lead.post(f"{path}/number", {"field": "driver-phone"})["number"]
    assert number == PERSONAL["phone"]


def import_roster(lead) -> None:
    rows = f"姓名,证件号码,手机号\n郑某某,{resident_id(7)},13711110007\n邓某某,123,1".encode()
    ids = [
        lead.upload("/lead/imports", "file", rows, name="roster.csv")["import_id"] for _ in range(2)
    ]
    lead.post(f"/lead/imports/{ids[0]}/leave")
    lead.get("/lead/imports/template")
    lead.get(f"/lead/imports/{ids[1]}/wrong-rows")
    lead.post(f"/lead/imports/{ids[1]}/take")
    assert lead.get(f"/lead/imports/{ids[1]}")["state"] in {"accepted", "taking", "taken"}


def leave(people, story, clock) -> None:
    lead, _, guard = people
    phone, again = story.sandbox.personas()[0]["phone"], lead.fresh()
    ticket = again.post("/sign-in/sms-codes", {"phone": phone})["ticket"]
    clock.now = datetime.now(UTC)  # the app has been going its own way
    story.send_all()
    texts = [message["text"] for message in story.sandbox.messages(channel="sms")]
    code = next(text[3:9] for text in texts if text.startswith("验证码"))
    assert again.sign_in("sms", {"ticket": ticket, "phone": phone, "code": code}).status == 200
    assert guard.delete("/gate/shift").status == 204
    guard.post("/me/password", {"old": guard.password, "new": "Ein-neues-Wort-77"})
    for one in (lead, people[1]):
        one.get("/me")
        one.delete("/me/token")
    assert [one.get("/me").status for one in people] == [401, 401, 401]
