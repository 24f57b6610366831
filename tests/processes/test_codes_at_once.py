"""A web process alone sends a sign-in code, and finishes it when it is told to stop."""

from __future__ import annotations

import re
import time

import pytest
import requests

from models.database import reading
from models.notifications import Notification
from tests.configuration import make_settings
from tests.live import LiveApp
from wxbackend.domain.notifications import NotificationState as State


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        code_threads=1,
    )


def ask(app: LiveApp, phone: str) -> requests.Response:
    browser = requests.Session()
    page = browser.get(f"{app.url}/sign-in/phone", timeout=10).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, page
    fields = {"phone": phone, "csrf_token": token[1]}
    return browser.post(f"{app.url}/sign-in/phone/code", fields, timeout=10)


def test_a_stopped_web_process_finishes_the_code_it_sends(story, sandbox, live_app):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    sandbox.put("/sandbox/faults/sms.mas", {"kind": "slow", "value": 1, "count": 1})
    app = live_app(1)
    assert ask(app, "13900000001").ok
    end = time.monotonic() + 5
    while not sandbox.get("/sandbox/calls", target="sms.mas") and time.monotonic() < end:
        time.sleep(0.01)
    app.stop()
    with reading() as session:
        assert session.query(Notification).one().state is State.SENT
    assert len(sandbox.messages(channel="sms")) == 1
