"""What holds for every address: guards, headers, error pages, limits, silence in logs."""

from __future__ import annotations

import io
import logging
import re

import pytest
from flask import Blueprint
from sqlalchemy import text

from handlers import BLUEPRINTS, register_handlers
from handlers.guards import guard_of
from models.database import reading
from tests.people import resident_id
from wxbackend.logs import scrub

PAGES = ["/", "/sign-in", "/sign-in/phone", "/P/" + "A" * 26, "/yqfk/driver.html", "/nowhere"]


def test_every_blueprint_declares_its_guard():
    assert [blueprint.name for blueprint in BLUEPRINTS if guard_of(blueprint) is None] == []


def test_a_blueprint_without_a_guard_stops_the_start(app, monkeypatch):
    import handlers

    naked = Blueprint("naked", __name__)
    monkeypatch.setattr(handlers, "BLUEPRINTS", (*BLUEPRINTS, naked))
    from flask import Flask

    other = Flask("other", static_folder=None)
    with pytest.raises(RuntimeError, match="naked"):
        register_handlers(other, app.extensions["wxbackend.web"])


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(stranger, path):
    stranger.get(path)
    headers = stranger.response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-Id"])


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style(stranger, path):
    stranger.get(path)
    assert not re.search(r"<script(?![^>]*\bsrc=)", stranger.page)
    assert " style=" not in stranger.page
    assert not re.search(r"\son\w+=", stranger.page)


def test_static_files_are_named_by_their_content_and_kept(stranger):
    stranger.get("/sign-in")
    address = re.search(r'href="(/static/css/mobile\.css\?v=\w+)"', stranger.page)[1]
    stranger.get(address)
    assert "immutable" in stranger.response.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nowhere", 404), ("get", "/sign-in/phone/code", 405), ("post", "/sign-in", 400)],
)
def test_errors_are_chinese_pages_without_a_trace(stranger, method, path, status):
    getattr(stranger, method)(path)
    assert stranger.status == status
    assert re.search(r"[\u4e00-\u9fff]", stranger.text)
    assert "Traceback" not in stranger.page
    assert "werkzeug" not in stranger.page.lower()


def test_errors_for_scripts_are_problem_json(stranger):
    stranger.get("/nowhere", Accept="application/json")
    assert stranger.response.mimetype == "application/problem+json"
    assert stranger.response.get_json()["code"] == "http_404"


def test_an_unexpected_error_tells_a_reference_and_nothing_else(app, stranger):
    @app.get("/test-only/broken")
    def broken() -> str:
        raise ValueError("secret 440115198803120007")

    stranger.get("/test-only/broken")
    assert stranger.status == 500
    assert "440115" not in stranger.page
    assert stranger.response.headers["X-Request-Id"] in stranger.text


def test_too_large_an_upload_is_refused_early(stranger):
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"account": "x" * 2_000_000})
    assert stranger.status == 413
    assert "上传的内容过大" in stranger.text


def test_health_and_readiness(stranger):
    stranger.get("/healthz", Accept="application/json")
    assert stranger.response.get_json() == {"status": "ok"}
    stranger.get("/readyz", Accept="application/json")
    assert stranger.response.get_json()["checks"] == {
        "database": True,
        "schema": True,
        "shared_store": True,
    }


def test_readiness_says_what_is_wrong(stranger, story):
    with reading() as session:
        (newest,) = session.execute(text("SELECT version_num FROM alembic_version")).one()
    story.execute("UPDATE alembic_version SET version_num = 'old'")
    stranger.get("/readyz", Accept="application/json")
    assert stranger.status == 503
    assert stranger.response.get_json()["checks"]["schema"] is False
    story.execute(f"UPDATE alembic_version SET version_num = '{newest}'")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_both_names_of_this_machine_lead_to_one(app, host):
    base = f"http://{host}:{app.extensions['wxbackend'].public_base_url.rpartition(':')[2]}"
    answer = app.test_client().get("/sign-in?x=1", base_url=base)
    if host == "127.0.0.1":
        assert answer.status_code == 200
    else:
        assert answer.headers["Location"].endswith("/sign-in?x=1")
        assert "//127.0.0.1:" in answer.headers["Location"]


def test_the_manuals_addresses_are_there(stranger):
    for path in ("/yqfk/driver.html", "/mportal/index.html", "/yqfk/index.html"):
        stranger.get(path)
        assert stranger.status == 200
        assert "司机预约" in stranger.text


def test_a_whole_story_leaves_nothing_personal_in_the_log(story, staff):
    written = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    logging.getLogger().setLevel(logging.DEBUG)
    reserved = story.reserve()
    browser = staff()
    browser.get(f"/P/{reserved.token}")
    browser.post(
        f"{browser.path}/decision",
        {"verdict": "allowed", "request_id": browser.hidden("request_id")},
    )
    story.send_all()
    lines = written.getvalue()
    assert "request" in lines
    for secret in (
        resident_id(1),
        "李某某",
        "粤A8K652",
        "13800005678",
        reserved.token,
        reserved.short_code,
        "oTest",
    ):
        assert secret not in lines, secret


@pytest.mark.parametrize(
    "secret",
    [
        "440115198803120007",
        "11010519491231002x",
        "13800005678",
        "/P/" + "A" * 26,
        "/receipts/" + "a-Secret_" * 3,
        "code=081abcDEF",
        "access_token=61_abc",
        "secret=topsecret",
    ],
)
def test_the_last_net_scrubs_what_slips_through(secret):
    assert scrub(f"before {secret} after").count("***") == 1
    assert secret.split("=")[-1].rpartition("/")[2] not in scrub(f"before {secret} after")
