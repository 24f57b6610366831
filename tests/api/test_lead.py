"""The lead's work through the API: the roster, reservations, forms filled in for drivers."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from tests.api.program import Program
from tests.people import form_of, resident_id
from tests.stories import answer_page
from wxbackend.domain.reservation import Verdict

LI = {"name": "李某某", "id_number": resident_id(1), "phone": "13800005678"}


@pytest.fixture
def employee(lead):
    return lead.post("/lead/employees", {**LI, "plate_number": "粤A8K652"})["employee_id"]


@pytest.fixture
def other_lead(program, sandbox, story) -> Program:
    """Of another enterprise."""
    person = sandbox.personas()[1]
    story.enterprise("广州远航物流有限公司", "黄阁镇", person["phone"])
    found = program.fresh()
    found.sign_in_by_phone(person["openid"])
    return found


def trip(story) -> dict[str, str]:
    form = form_of(story.district, story.dependencies.clock())
    personal = {"name", "id_type", "id_number", "phone"}
    health = {"health_code", "high_risk_travel", "symptoms"}
    return {name: text for name, text in form.items() if text and name not in personal | health}


def test_the_leads_enterprises_and_day(lead, employee):
    enterprises = lead.get("/lead/enterprises")["enterprises"]
    assert [one["name"] for one in enterprises] == ["广州顺达物流有限公司"]
    assert lead.get("/lead/day")["employee_count"] == 1


def test_an_employee_is_added_shown_and_found(lead, employee):
    shown = lead.get(f"/lead/employees/{employee}")
    assert shown["id_number_masked"] == "4401**********" + resident_id(1)[-4:]
    assert [one["name"] for one in lead.get("/lead/employees")["employees"]] == ["李某某"]
    for text in ("李", "8K6", resident_id(1), "5678"):
        assert lead.post("/lead/employees/search", {"text": text})["total"] == 1
    assert lead.post("/lead/employees/search", {"text": "王"})["total"] == 0


def test_somebody_on_the_roster_is_not_added_twice(lead, employee):
    refused = lead.post("/lead/employees", LI)
    assert (refused.status, set(refused["errors"])) == (422, {"id_number"})


def test_an_edit_must_have_seen_the_newest(lead, employee):
    path = f"/lead/employees/{employee}"
    seen = lead.get(path)["version"]
    changed = {"name": "李某", "version": seen}
    assert lead.put(path, changed).status == 204
    assert lead.get(path)["name"] == "李某"
    refused = lead.put(path, changed)
    assert (refused.status, set(refused["errors"])) == (422, {"version"})


def test_a_removed_employee_comes_back(lead, employee):
    path = f"/lead/employees/{employee}"
    assert lead.delete(path).status == 204
    assert lead.get("/lead/employees")["total"] == 0
    assert lead.post("/lead/employees/search", {"is_removed": True})["total"] == 1
    assert lead.post(f"{path}/return").status == 204
    assert lead.get(path)["removed_at"] is None


def test_a_number_is_shown_when_asked_for(lead, employee):
    path = f"/lead/employees/{employee}/number"
    assert lead.post(path, {"field": "id_number"})["number"] == resident_id(1)
    assert lead.post(path, {"field": "name"}).status == 422


def test_reservations_of_own_drivers_are_found(lead, employee, story):
    waiting, passed = story.reserve(), story.reserve()
    guard = story.guard()
    story.decide(guard, story.scan(guard, passed.token), Verdict.ALLOWED)
    listed = lead.get("/lead/reservations")["reservations"]
    assert [one["summary"]["reservation_id"] for one in listed] == [passed.public_id]
    assert listed[0]["summary"]["passage"]["checkpoint"] == "万顷沙卡口"
    opened = lead.get("/lead/reservations", tab="open")["reservations"]
    assert [one["summary"]["reservation_id"] for one in opened] == [waiting.public_id]
    assert lead.get("/lead/reservations/counts").content == {"passed": 1, "open": 1}
    found = lead.post("/lead/reservations/search", {"tab": "open", "text": "8K652"})
    assert found["total"] == 1
    assert lead.get(f"/lead/employees/{employee}/reservations")["total"] == 2


def test_one_reservation_in_whole(lead, employee, story):
    passed = story.reserve()
    guard = story.guard()
    story.decide(guard, story.scan(guard, passed.token), Verdict.ALLOWED)
    path = f"/lead/reservations/{passed.public_id}"
    record = lead.get(path)
    assert record["passage"]["verdict"] == "allowed"
    assert record["seen"]["enterprises"] == ["广州顺达物流有限公司"]
    assert record["driver"]["may_reveal"]
    number = lead.post(f"{path}/number", {"field": "driver-id_number"})["number"]
    assert number == resident_id(1)
    assert lead.post(f"{path}/number", {"field": "driver-name"}).status == 404
    assert lead.get(f"{path}/images/{'a' * 26}").status == 404


def test_a_prepared_form_is_finished_by_its_driver(lead, employee, story, driver, sandbox):
    made = lead.post("/lead/prepared", {**trip(story), "employee_id": employee})
    path = f"/lead/prepared/{made['prepared_id']}"
    shown = lead.get(path)
    assert shown["form"]["origin"] == "深圳市宝安区"
    code = Image.open(io.BytesIO(lead.get(f"{path}/qr.png").bytes))
    assert zxingcpp.read_barcodes(code)[0].text == shown["link"]
    token = shown["link"].rpartition("/")[2]
    opened = driver.get(f"/driver/prepared/{token}")
    assert opened["draft"]["fixed"]["id_number_masked"].endswith(resident_id(1)[-4:])
    said = {"health_code": "green", "high_risk_travel": "no", "symptoms": "no"}
    submitted = driver.post(f"/driver/prepared/{token}/reservation", {**trip(story), **said})
    check = f"/driver/reservations/{submitted['reservation_id']}/identity-check"
    answer_page(driver.post(check)["page_url"], "pass")
    assert driver.post(f"{check}/result")["summary"]["state"] == "reserved"
    finished = lead.get(path)
    assert finished["standing"] == "finished"
    assert finished["reservation_id"] == submitted["reservation_id"]
    again = driver.get(f"/driver/prepared/{token}")
    assert again["reservation_id"] == submitted["reservation_id"]


def test_the_link_is_sent_once_a_minute_and_withdrawn(lead, employee, story, sandbox):
    made = lead.post("/lead/prepared", {**trip(story), "employee_id": employee})
    path = f"/lead/prepared/{made['prepared_id']}"
    assert lead.post(f"{path}/sms").status == 204
    assert lead.post(f"{path}/sms").status == 429
    story.send_all()
    assert "/d/prepared/" in sandbox.messages(channel="sms")[-1]["text"]
    assert lead.post(f"{path}/link").status == 204
    assert lead.post(f"{path}/withdrawal").status == 204
    assert lead.get(path)["link"] is None
    assert lead.get(f"{path}/qr.png").status == 404
    assert [one["standing"] for one in lead.get("/lead/prepared")["prepared"]] == ["withdrawn"]


def test_wrong_fields_of_a_prepared_form_are_named(lead, employee, story):
    wrong = {**trip(story), "employee_id": employee, "plate_number": "粤A1O345"}
    refused = lead.post("/lead/prepared", wrong)
    assert (refused.status, set(refused["errors"])) == (422, {"plate_number"})


def test_another_enterprises_rows_are_not_there(lead, employee, other_lead, story):
    reserved = story.reserve()
    prepared = lead.post("/lead/prepared", {**trip(story), "employee_id": employee})["prepared_id"]
    enterprise = lead.get("/lead/enterprises")["enterprises"][0]["enterprise_id"]
    person = f"/lead/employees/{employee}"
    trip_path, form = f"/lead/reservations/{reserved.public_id}", f"/lead/prepared/{prepared}"
    asked = [
        other_lead.get(person),
        other_lead.put(person, {"name": "王某某", "version": "1"}),
        other_lead.delete(person),
        other_lead.post(f"{person}/return"),
        other_lead.post(f"{person}/number", {"field": "phone"}),
        other_lead.get(f"{person}/reservations"),
        other_lead.post("/lead/employees", {**LI, "enterprise": enterprise}),
        other_lead.get("/lead/employees", enterprise=enterprise),
        other_lead.post("/lead/employees/search", {"enterprise": enterprise}),
        other_lead.get("/lead/reservations", enterprise=enterprise),
        other_lead.get("/lead/day", enterprise=enterprise),
        other_lead.get(trip_path),
        other_lead.post(f"{trip_path}/number", {"field": "driver-phone"}),
        other_lead.post("/lead/prepared", {**trip(story), "employee_id": employee}),
        other_lead.get(form),
        other_lead.get(f"{form}/qr.png"),
        other_lead.post(f"{form}/sms"),
        other_lead.post(f"{form}/withdrawal"),
    ]
    assert [answered.status for answered in asked] == [404] * len(asked)
    assert other_lead.get("/lead/reservations/counts").content == {"passed": 0, "open": 0}


def test_a_driver_is_no_lead(driver):
    refused = driver.get("/lead/employees")
    assert (refused.status, refused.code) == (403, "forbidden")
