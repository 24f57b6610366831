"""The worker is killed again and again while it sends: nothing is lost, and nothing lies."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.outbox import Letter, enqueue

EACH = 150
KILLS = 20


def put_letters(dependencies) -> None:
    now = dependencies.clock()
    with transaction() as session:
        for number in range(EACH):
            for channel, address in (
                (Channel.SMS, f"139{number:08}"),
                (Channel.YUEZHENGYI, f"member-{number}"),
            ):
                letter = Letter(
                    event=f"test:{number}",
                    recipient=address,
                    channel=channel,
                    kind=NotificationKind.PASSAGE_ALLOWED_OTHER,
                    address=address,
                    content={"text": f"第{number}条"},
                    not_after=now + timedelta(hours=24),
                )
                enqueue(session, letter, now=now)


def states() -> Counter[tuple[str, str]]:
    with reading() as session:
        rows = session.execute(text("SELECT channel, state FROM notification"))
        return Counter((channel, state) for channel, state in rows)


def delivered(sandbox) -> int:
    return len(sandbox.messages())


def wait_for_more(sandbox, worker, more: int) -> None:
    """Until the worker has got so many messages through, or has nothing left to do."""
    before, end = delivered(sandbox), time.monotonic() + 20
    while time.monotonic() < end and delivered(sandbox) < before + more:
        assert worker.is_running(), worker.log()
        if not any(state in {"queued", "sending"} for _, state in states()):
            return
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_kills_over_three_hundred_notifications(
    is_postgresql, dependencies, sandbox, config, live_worker
):
    if is_postgresql:
        pytest.skip("test_chaos.py does more of it there")
    config.write_text(config.read_text() + 'notifications.lease = "2s"\njobs.sending_threads = 3\n')
    put_letters(dependencies)
    # Slow providers, so that most kills find calls under way.
    for target in ("sms.mas", "yuezhengyi"):
        sandbox.put(f"/sandbox/faults/{target}", {"kind": "slow", "value": 0.04, "count": None})
    chance = random.Random(20)
    for _ in range(KILLS):
        worker = live_worker()
        wait_for_more(sandbox, worker, chance.randint(3, 14))
        worker.stop(signal.SIGKILL)
    sandbox.delete("/sandbox/faults")

    live_worker()
    end = time.monotonic() + 90
    while time.monotonic() < end and any(state in {"queued", "sending"} for _, state in states()):
        time.sleep(0.5)

    found = states()
    arrived = Counter(message["to"] for message in sandbox.messages(channel="yuezhengyi"))
    assert arrived == {f"member-{number}": 1 for number in range(EACH)}
    assert found["yuezhengyi", "sent"] == EACH
    assert found["sms", "sent"] + found["sms", "unknown"] == EACH
    texts = Counter(message["to"] for message in sandbox.messages(channel="sms"))
    assert max(texts.values()) == 1
    with reading() as session:
        sent = session.execute(
            text("SELECT event FROM notification WHERE channel = 'sms' AND state = 'sent'")
        )
        for (event,) in sent:
            assert texts[f"139{int(event.removeprefix('test:')):08}"] == 1
    assert sum(found.values()) == 2 * EACH
