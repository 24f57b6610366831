"""What holds for every call: one answer to one key, errors, limits, silence, the document."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from handlers.api.document import PREFIX
from models.database import reading
from tests.people import resident_id

KEY = "key-of-this-test-01"


@pytest.fixture
def form(form):
    """A whole, right form; the same at every use."""
    return form()


# ---- the Idempotency-Key ----


def test_the_same_write_gets_the_same_answer(driver, form):
    first = driver.post("/driver/reservations", form, key=KEY)
    again = driver.post("/driver/reservations", form, key=KEY)
    assert (again.status, again.bytes) == (first.status, first.bytes)
    assert driver.get("/driver/reservations")["count"] == 1


def test_another_write_under_the_same_key_is_refused(driver, form):
    driver.post("/driver/reservations", form, key=KEY)
    other = driver.post("/driver/reservations", {**form, "cargo": "水泥"}, key=KEY)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    elsewhere = driver.put("/driver/drafts/new", {}, key=KEY)
    assert (elsewhere.status, elsewhere.code) == (422, "idempotency_key_reused")


def test_a_refused_write_may_be_mended_under_its_key(driver, form):
    wrong = driver.post("/driver/reservations", {**form, "phone": "1"}, key=KEY)
    assert wrong.status == 422
    assert driver.post("/driver/reservations", form, key=KEY).status == 201


def test_another_persons_same_key_is_another_key(program, driver, form, sandbox):
    other = program.fresh()
    other.sign_in_as(sandbox.personas()[1]["openid"])
    driver.post("/driver/reservations", form, key=KEY)
    made = other.post("/driver/reservations", {**form, "id_number": resident_id(2)}, key=KEY)
    assert made.status == 201


def test_after_a_day_the_key_is_free(driver, form, clock):
    driver.put("/driver/drafts/new", {"name": "李"}, key=KEY)
    clock.advance(hours=24, seconds=1)
    assert driver.put("/driver/drafts/new", {"name": "王"}, key=KEY).status == 204


def test_a_write_at_work_is_not_begun_twice(driver, story, clock, form):
    driver.post("/driver/reservations", form, key=KEY)
    story.execute("UPDATE api_request SET answer = NULL")
    twin = driver.post("/driver/reservations", form, key=KEY)
    assert (twin.status, twin.code) == (409, "request_under_way")
    clock.advance(seconds=61)  # whoever began it has died
    assert driver.post("/driver/reservations", form, key=KEY).status == 201
    assert driver.get("/driver/reservations")["count"] == 1


def test_ten_at_once_under_one_key_make_one_reservation(driver, form):
    with ThreadPoolExecutor(10) as pool:
        sent = [pool.submit(driver.post, "/driver/reservations", form, key=KEY) for _ in range(10)]
        statuses = {one.result().status for one in sent}
    assert statuses <= {201, 409}
    assert driver.get("/driver/reservations")["count"] == 1


@pytest.mark.parametrize("key", ["", "short", "with space and more", "x" * 65, "ü" * 20])
def test_a_write_without_a_good_key_is_refused(driver, key):
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    refused = driver.ask("PUT", "/driver/drafts/new", {}, headers=headers)
    assert (refused.status, refused.code) == (400, "idempotency_key_missing")


def test_what_is_kept_of_a_write_is_unreadable(driver, form, story):
    driver.post("/driver/reservations", form, key=KEY)
    with reading() as session:
        query = text("SELECT key_hash, answer FROM api_request")
        rows = [tuple(bytes(part) for part in row) for row in session.execute(query)]
    assert len(rows) == 1
    assert not any(b"reservation" in part or KEY.encode() in part for part in rows[0])


# ---- errors and limits ----


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "json_invalid"),
        (b"\xff", "application/json", 400, "json_invalid"),
        (b"[]", "application/json", 422, "api.shape"),
        (b"null", "application/json", 422, "api.shape"),
        (b'{"name": 5}', "application/json", 422, "invalid"),
        (b'{"nickname": "x"}', "application/json", 422, "invalid"),
        (b'{"name": "\\ud800"}', "application/json", 400, "json_invalid"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "http_415"),
        (b"{}", "text/plain", 415, "http_415"),
        (b'{"name": "' + b"x" * 70_000 + b'"}', "application/json", 413, "http_413"),
    ],
)
def test_a_bad_body_is_refused_in_json(driver, body, content_type, status, code):
    refused = driver.ask("PUT", "/driver/drafts/new", body, content_type=content_type)
    assert (refused.status, refused.code) == (status, code)
    assert refused.mimetype == "application/problem+json"
    assert refused["detail"]


def test_an_unknown_address_is_answered_in_json(app, sandbox):
    for path in ("/nowhere", "/driver/nowhere", ""):
        answer = app.test_client().get(f"{PREFIX}{path}", base_url=sandbox.app_url)
        assert answer.status_code == 404
        assert answer.get_json()["code"] == "http_404"


def test_a_wrong_method_says_which_are_right(app, sandbox, driver):
    headers = {"Authorization": f"Bearer {driver.token}"}
    answer = app.test_client().patch(f"{PREFIX}/me", base_url=sandbox.app_url, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "http_405")
    assert "GET" in answer.headers["Allow"]


def test_too_many_calls_are_stopped_for_a_minute(driver, clock, dependencies):
    most = dependencies.policy.api.most_calls
    clock.now = clock.now.replace(second=0)
    statuses = [driver.get("/me").status for _ in range(most + 1)]
    assert statuses == [200] * most + [429]
    clock.advance(minutes=1)
    assert driver.get("/me").status == 200


def test_nothing_of_the_api_is_kept_by_anybody(driver):
    answered = driver.get("/me")
    assert answered.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answered.headers


def test_no_secret_and_no_person_reaches_a_log(program, persona, form, caplog):
    for name in ("wxbackend", "handlers", "models"):  # libraries speak from WARNING on
        caplog.set_level(logging.DEBUG, logger=name)
    code = program.code(persona["openid"])
    program.sign_in("wechat", {"js_code": code})
    program.sign_in("wechat", {"js_code": code})
    program.sign_in_by_phone(persona["openid"])
    made = program.post("/driver/reservations", form, key=KEY)
    program.post(f"/driver/reservations/{made['reservation_id']}/identity-check")
    openid = program._sandbox.post(
        "/sandbox/mini-program/codes", {"openid": persona["openid"], "kind": "js"}
    )["openid"]
    written = "".join(json.dumps(record.__dict__, default=str) for record in caplog.records)
    secrets = [program.token, code, KEY, openid, form["name"], form["phone"], form["id_number"]]
    assert [one for one in secrets if one in written] == []


# ---- the document ----


def test_every_route_of_the_api_declares_what_it_does(app, document):
    endpoints = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")
    }
    assert endpoints - document.operations == {"api_docs.document", "api_docs.page"}


def test_the_document_is_served_and_readable(app, sandbox, document):
    client = app.test_client()
    served = client.get(f"{PREFIX}/openapi.json", base_url=sandbox.app_url).get_json()
    assert served["paths"] == document.content["paths"]
    page = client.get(f"{PREFIX}/docs", base_url=sandbox.app_url)
    for path in served["paths"]:
        assert f"<code>{path}</code>" in page.text


def test_every_write_says_that_it_carries_a_key(document):
    """But those that sign in, sign out, search, look or ask: they may be sent twice."""
    bare = {
        one["operationId"]
        for methods in document.content["paths"].values()
        for method, one in methods.items()
        if method != "get" and not any(p["name"] == "Idempotency-Key" for p in one["parameters"])
    }
    assert {name for name in bare if not name.startswith("api_sign_in.")} == {
        "api_me.sign_out",
        "api_driver_reservations.check_result",
        "api_lead_employees.search",
        "api_lead_employees.reveal",
        "api_lead_reservations.search",
        "api_lead_reservations.reveal",
    }
