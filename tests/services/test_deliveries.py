"""Receipts: each settles its message once, whenever and however often it comes."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from models.database import reading, transaction
from tests.conftest import TestClock
from tests.servers import Sandbox
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.deliveries import apply_early_receipts, settle_delivery
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue, send_due

PHONE = "13900000001"


def post_letter(dependencies: Dependencies, *, event: str = "test:1", phone: str = PHONE) -> None:
    now = dependencies.clock()
    letter = Letter(
        event=event,
        recipient=f"lead:{phone[-1]}",
        channel=Channel.SMS,
        kind=NotificationKind.LEAD_REPLACED,
        address=phone,
        content={"text": "测试短信"},
        not_after=now + timedelta(hours=1),
    )
    with transaction() as session:
        enqueue(session, letter, now=now)


def rows(query: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


def states() -> list[object]:
    return [row[0] for row in rows("SELECT state FROM notification ORDER BY id")]


def receipts_in_steps() -> int:
    return len(rows("SELECT id FROM notification_step WHERE kind = 'receipt'"))


def change(sql: str) -> None:
    with transaction() as session:
        session.execute(text(sql))


def reference_of(number: int = 1) -> str:
    (row,) = rows(f"SELECT provider_reference FROM notification WHERE id = {number}")
    return str(row[0])


@pytest.fixture
def sent(dependencies: Dependencies, sandbox: Sandbox) -> Dependencies:
    post_letter(dependencies)
    assert send_due(dependencies, holder="test", limit=10) == 1
    assert states() == ["sent"]
    return dependencies


def receive(
    dependencies: Dependencies,
    reference: str,
    *,
    delivered: bool = True,
    address: str | None = PHONE,
    at: datetime | None = None,
) -> bool:
    return settle_delivery(
        dependencies,
        provider="mas",
        reference=reference,
        address=address,
        delivered=delivered,
        code="DELIVRD" if delivered else "UNDELIV",
        at=at or dependencies.clock(),
    )


@pytest.mark.parametrize(("delivered", "state"), [(True, "delivered"), (False, "failed")])
@pytest.mark.parametrize("before", ["sent", "unknown"])
def test_a_receipt_settles_its_message(sent, before, delivered, state):
    change(f"UPDATE notification SET state = '{before}'")
    assert receive(sent, reference_of(), delivered=delivered) is True
    assert states() == [state]
    assert receipts_in_steps() == 1


@pytest.mark.parametrize("first", [True, False])
def test_repeated_and_reordered_receipts_change_nothing(sent, first):
    assert receive(sent, reference_of(), delivered=first) is True
    settled = states()
    assert receive(sent, reference_of(), delivered=first) is False
    assert receive(sent, reference_of(), delivered=not first) is False
    assert states() == settled
    assert receipts_in_steps() == 1
    assert rows("SELECT id FROM delivery_receipt") == []


@pytest.mark.parametrize("before", ["queued", "expired", "failed", "delivered"])
def test_a_receipt_leaves_every_other_state_alone(sent, before):
    change(f"UPDATE notification SET state = '{before}'")
    assert receive(sent, reference_of()) is False
    assert states() == [before]
    assert rows("SELECT id FROM delivery_receipt") == []


def test_one_reference_for_two_numbers_is_told_apart(sent):
    post_letter(sent, event="test:2", phone="13900000002")
    send_due(sent, holder="test", limit=10)
    change("UPDATE notification SET provider_reference = 'group'")
    assert receive(sent, "group", address="13900000002") is True
    assert states() == ["sent", "delivered"]


def test_a_reference_of_another_provider_is_another_one(sent):
    change("UPDATE notification SET provider = 'mas2'")
    assert receive(sent, reference_of()) is False
    assert states() == ["sent"]


def test_a_receipt_before_our_own_settlement_is_kept(sent):
    reference = reference_of()
    change("UPDATE notification SET state = 'sending', provider = '', provider_reference = ''")
    assert receive(sent, reference) is False
    assert receive(sent, reference, delivered=False) is False
    assert apply_early_receipts(sent) == 0
    change(f"UPDATE notification SET state = 'sent', provider_reference = '{reference}'")
    assert apply_early_receipts(sent) == 0  # of another provider
    change("UPDATE notification SET provider = 'mas'")
    assert apply_early_receipts(sent) == 1
    assert states() == ["delivered"]
    assert receipts_in_steps() == 1
    assert rows("SELECT id FROM delivery_receipt") == []


def test_a_kept_receipt_names_nobody_and_ends_after_a_day(sent, clock: TestClock):
    assert receive(sent, "nobody's") is False
    ((stored,),) = rows("SELECT address_hash FROM delivery_receipt")
    assert PHONE.encode() not in bytes(stored)
    clock.advance(hours=23)
    apply_early_receipts(sent)
    assert len(rows("SELECT id FROM delivery_receipt")) == 1
    clock.advance(hours=2)
    apply_early_receipts(sent)
    assert rows("SELECT id FROM delivery_receipt") == []


def test_what_was_merged_into_a_notice_shares_its_receipt(sent):
    post_letter(sent, event="test:2")
    change("UPDATE notification SET merged_into_id = 1, state = 'sent' WHERE id = 2")
    assert receive(sent, reference_of()) is True
    assert states() == ["delivered", "delivered"]


def test_a_provider_whose_clock_is_ahead_settles_now(sent, clock: TestClock):
    receive(sent, reference_of(), at=clock() + timedelta(hours=8))
    found = rows("SELECT settled_at FROM notification WHERE settled_at > created_at")
    assert found == []


def test_of_equal_receipts_at_once_one_counts(sent, app: Flask):
    reference, start, outcomes = reference_of(), threading.Barrier(4), []

    def post() -> None:
        with app.app_context():
            start.wait()
            outcomes.append(receive(sent, reference))

    posts = [threading.Thread(target=post) for _ in range(4)]
    for one in posts:
        one.start()
    for one in posts:
        one.join()
    assert sorted(outcomes) == [False, False, False, True]
    assert receipts_in_steps() == 1
