"""A row that cannot be deciphered is set aside; what stands behind it goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.outbox import Letter, enqueue


def write(story, number: int) -> None:
    now = story.dependencies.clock()
    letter = Letter(
        event=f"test:{number}",
        recipient=f"member-{number}",
        channel=Channel.YUEZHENGYI,
        kind=NotificationKind.PASSAGE_ALLOWED_OTHER,
        address=f"member-{number}",
        content={"text": f"第{number}条"},
        not_after=now + timedelta(hours=24),
    )
    with transaction() as session:
        enqueue(session, letter, now=now)


@pytest.mark.parametrize("column", ["address", "content"])
def test_an_unreadable_row_does_not_stop_those_behind_it(story, sandbox, column):
    for number in (1, 2):
        write(story, number)
    with transaction() as session:
        session.execute(
            text(f"UPDATE notification SET {column} = :broken WHERE event = 'test:1'"),
            {"broken": b"\x01\x02k1 and nothing that was ever sealed with it"},
        )
    story.send_all()
    with reading() as session:
        found = session.execute(
            text("SELECT state, last_answer, lease_holder FROM notification ORDER BY id")
        ).all()
        steps = session.execute(text("SELECT count(*) FROM notification_step")).scalar_one()
    assert found[0] == ("failed", "unreadable", None)
    assert found[1][0] == "sent"
    assert steps == 2
    assert [message["to"] for message in sandbox.messages(channel="yuezhengyi")] == ["member-2"]
