"""Messages to drivers leave by the app through which they reserved."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.database import reading

pytestmark = pytest.mark.usefixtures("driver")


@pytest.fixture
def templates(driver):
    return driver.get("/driver/message-templates")["template_ids"]


def agree(sandbox, persona, templates) -> None:
    for template in templates:
        sandbox.post(
            "/sandbox/mini-program/agreements",
            {"openid": persona["openid"], "template_id": template, "count": 1},
        )


def rows() -> list[tuple[str, str, str, bool]]:
    query = "SELECT state, provider, last_answer, dismissed_at FROM notification"
    with reading() as session:
        found = session.execute(text(f"{query} WHERE channel = 'wechat' ORDER BY id"))
        return [(*row[:3], row[3] is not None) for row in found]


def test_a_driver_of_the_mini_program_is_told_there(reserved, sandbox, persona, templates, story):
    agree(sandbox, persona, templates)
    reservation = reserved()
    story.send_all()
    (message,) = sandbox.messages(channel="wechat")
    assert message["provider"] == "mini_program"
    assert message["url"] == f"pages/reservation/reservation?id={reservation}"
    assert message["raw"]["miniprogram_state"] == "formal"
    assert rows() == [("sent", "mini_program", "0", False)]


def test_who_did_not_agree_is_left_alone(reserved, sandbox, story):
    reserved()
    story.send_all()
    assert sandbox.messages(channel="wechat") == []
    assert rows() == [("failed", "mini_program", "43101", True)]


def test_a_driver_of_the_account_is_told_by_the_account(story, sandbox):
    story.reserve()
    story.send_all()
    (message,) = sandbox.messages(channel="wechat")
    assert message["provider"] == "wechat"


@pytest.mark.parametrize("code", [40013, 45009])
def test_the_mini_programs_set_up_holds_nobody_else(reserved, story, sandbox, code):
    reserved()
    fault = {"kind": "errcode", "value": code, "count": 5, "path": "subscribe/send"}
    sandbox.put("/sandbox/faults/wechat", fault)
    story.send_all()
    sandbox.delete("/sandbox/faults")
    story.reserve()
    story.send_all()
    assert [state for state, *_ in rows()] == ["queued", "sent"]
