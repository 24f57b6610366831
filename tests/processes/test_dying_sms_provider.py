"""The first SMS provider dies amid a thousand texts: the second takes the rest; it comes back."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from models.sms_providers import read_shares
from tests.configuration import make_settings
from tests.servers import Sandbox
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.outbox import Letter, enqueue

_log = logging.getLogger(__name__)
TEXTS = 1_000
MOST_SECONDS = 60
WORKERS, THREADS = 2, 3
MOST_UNDER_WAY = WORKERS * THREADS
# Before it is left: five bad calls, and what every thread had under way.
MOST_OF_UNKNOWN_FATE = 5 + MOST_UNDER_WAY
SETTINGS = f"""
sms.mas.timeout = "3s"
jobs.sending_threads = {THREADS}
notifications.sms_recovery_step = "1s"
"""


@pytest.fixture
def primary() -> Iterator[Sandbox]:
    """The first provider as a process of its own, so that it can really die."""
    server = Sandbox()
    yield server
    server.stop()


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox, primary):
    made = make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        sms_providers=("mas", "mas2"),
        more=SETTINGS,
    )
    path = tmp_path / "test.toml"
    path.write_text(path.read_text().replace(f'{sandbox.url}/sms"', f'{primary.url}/sms"'))
    return made


def put_letters(dependencies, first: int, count: int) -> None:
    now = dependencies.clock()
    with transaction() as session:
        for number in range(first, first + count):
            letter = Letter(
                event=f"test:{number}",
                recipient=f"lead:{number}",
                channel=Channel.SMS,
                kind=NotificationKind.LEAD_REPLACED,
                address=f"139{number:08}",
                content={"text": f"第{number}条"},
                not_after=now + timedelta(hours=1),
            )
            enqueue(session, letter, now=now)


def states() -> Counter[tuple[str, str]]:
    """How many texts stand in each state, by provider."""
    with reading() as session:
        rows = session.execute(text("SELECT state, provider FROM notification"))
        return Counter((state, provider) for state, provider in rows)


def count(*wanted: str) -> int:
    return sum(number for (state, _), number in states().items() if state in wanted)


def wait(is_done, seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not is_done():
        assert time.monotonic() - began < seconds, states()
        time.sleep(0.05)
    return time.monotonic() - began


def share_of_mas() -> int:
    with reading() as session:
        found = read_shares(session).get("mas")
    return found.percent if found else 100


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_thousand_texts_survive_the_first_provider(
    dependencies, sandbox, primary, live_worker, is_postgresql
):
    if not is_postgresql:
        pytest.skip("several worker processes need PostgreSQL")
    # Slow enough that it dies in the middle, however quick the machine is.
    primary.put("/sandbox/faults/sms.mas", {"kind": "slow", "value": 0.08, "count": None})
    put_letters(dependencies, 0, TEXTS)
    workers = [live_worker() for _ in range(WORKERS)]
    wait(lambda: count("sent") >= TEXTS // 4, 60)

    primary.kill()
    left = count("queued", "sending")
    assert left > TEXTS // 4, "it should die in the middle"
    seconds = wait(lambda: count("queued", "sending") == 0, MOST_SECONDS)

    found = states()
    unknown = count("unknown")
    assert unknown <= MOST_OF_UNKNOWN_FATE, found
    assert count("sent") + unknown == TEXTS, found
    # What was under way may have been taken just before.
    assert found["sent", "mas2"] >= left - MOST_UNDER_WAY, found
    by_second = Counter(str(message["to"]) for message in sandbox.messages(channel="sms"))
    assert sum(by_second.values()) == found["sent", "mas2"]
    assert max(by_second.values()) == 1
    assert share_of_mas() < 100
    _log.info("%d texts left by the second in %.1f s, %d of unknown fate", left, seconds, unknown)

    primary.start_again()
    sent_before = count("sent")
    wait_until_it_is_used_again(dependencies, sent_before)
    assert primary.messages(channel="sms"), "the first is used again"
    assert all(worker.is_running() for worker in workers)


def wait_until_it_is_used_again(dependencies, sent_before: int) -> None:
    """Texts keep coming, one at a time: without them nothing proves that it is well."""
    number = TEXTS

    def is_back() -> bool:
        nonlocal number
        put_letters(dependencies, number, 1)
        number += 1
        time.sleep(0.3)
        return share_of_mas() == 100

    wait(is_back, 90)
    put_letters(dependencies, number, 5)
    wait(lambda: count("queued", "sending") == 0, 20)
    assert count("sent") > sent_before
