"""Of several worker processes exactly one leads, whatever is killed or cut."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from models.leader_lock import leader_lock
from tests.live import LiveWorker
from tests.stories import Story
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue

HAND_OVER_SECONDS = 30
# Sessions that hold this database's leader lock: there are other locks, and other databases.
HOLDERS = """
SELECT pid FROM pg_locks
JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database()
WHERE locktype = 'advisory' AND granted AND classid = x'77786261'::int::oid
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def needs_sessions(is_postgresql) -> None:
    if not is_postgresql:
        pytest.skip("SQLite's lock is a file's, and ends with its process")


@pytest.fixture
def workers(config, live_worker, dependencies) -> tuple[LiveWorker, LiveWorker]:
    """Two that started together, the leader first."""
    config.write_text(config.read_text() + 'jobs.watch_every = "500ms"\n')
    one, other = live_worker(), live_worker()
    until(lambda: len(processes()) == 2 and len(leaders()) == 1)
    return (one, other) if leaders() == [one.pid] else (other, one)


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def processes() -> list[object]:
    return [number for (number,) in rows("SELECT process_number FROM worker_process")]


def leaders() -> list[object]:
    found = rows("SELECT process_number FROM worker_process WHERE leader_since IS NOT NULL")
    return [number for (number,) in found]


def turns_of(worker: LiveWorker) -> int:
    """How many of the leader's jobs this process ran last."""
    found = rows(
        "SELECT count(*) FROM job WHERE runs_on = 'leader' AND finished_at IS NOT NULL"
        f" AND ran_on LIKE '%:{worker.pid}:%'"
    )
    return int(str(found[0][0]))


def put_letters(dependencies: Dependencies, *, count: int) -> None:
    now = dependencies.clock()
    with transaction() as session:
        for number in range(count):
            letter = Letter(
                event=f"test:{number}",
                recipient=f"somebody:{number}",
                channel=Channel.SMS,
                kind=NotificationKind.PASSAGE_ALLOWED_OTHER,
                address=f"139{number:08}",
                content={"text": f"第{number}条"},
                not_after=now + timedelta(hours=24),
            )
            enqueue(session, letter, now=now)


def until(condition: Callable[[], bool], *, seconds: float = HAND_OVER_SECONDS) -> float:
    """How long it took. Fails when it takes longer."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def test_the_killed_leader_is_followed_within_seconds(workers):
    first, second = workers
    until(lambda: turns_of(first) > 10)
    assert turns_of(second) == 0
    assert leaders() == [first.pid]

    first.stop(signal.SIGKILL)
    took = until(lambda: leaders() == [second.pid])
    until(lambda: turns_of(second) > 3)
    assert took < 10


def states() -> Counter[object]:
    return Counter(state for (state,) in rows("SELECT state FROM notification"))


def test_a_leader_that_stops_finishes_and_hands_over(workers, dependencies, sandbox):
    first, second = workers
    os.kill(second.pid, signal.SIGSTOP)
    sandbox.put("/sandbox/faults/sms.mas", {"kind": "slow", "value": 0.5, "count": None})
    put_letters(dependencies, count=40)
    until(lambda: states()["sent"] > 0)

    first.stop(signal.SIGTERM)
    found = states()
    assert found["sending"] == found["unknown"] == 0
    assert found["queued"] > 20  # it began no others
    assert rows("SELECT count(*) FROM notification WHERE leased_until IS NOT NULL") == [(0,)]
    os.kill(second.pid, signal.SIGCONT)
    assert first.pid not in processes()
    assert until(lambda: leaders() == [second.pid]) < 10


def test_a_cut_connection_leaves_one_leader_and_one_digest(needs_sessions, workers, story):
    lock = leader_lock()
    for cut in range(4):
        until(lambda: len(locks()) == 1)
        cut_off = locks()
        with transaction() as session:
            query = text(f"SELECT pg_terminate_backend(pid) FROM ({HOLDERS}) AS holders")
            assert session.execute(query).scalars().all() == [True]
        if cut == 0:
            begin_two_days_ago(story)
        # A session that ends still holds it for a moment.
        until(lambda before=cut_off: len(locks()) == 1 and locks() != before)
        assert not lock.hold()
        until(lambda: len(leaders()) == 1)
    until(lambda: len(rows("SELECT id FROM digest")) >= 4)
    windows = rows("SELECT ends_at FROM digest ORDER BY ends_at")
    assert len(windows) == len(set(windows))
    assert rows("SELECT count(*) FROM notification WHERE kind = 'digest'") == [(len(windows),)]
    both = {worker.pid for worker in workers}
    assert set(processes()) == both
    assert all(worker.is_running() for worker in workers)
    lock.release()


def begin_two_days_ago(story: Story) -> None:
    """The district's first reservation, so that digests are owed."""
    story.recipient("force-1")
    story.execute("UPDATE alert_recipient SET audience = 'task_force'")
    story.reserve()
    story.execute("UPDATE reservation SET created_at = created_at - INTERVAL '2 days'")


def locks() -> list[tuple[object, ...]]:
    return rows(HOLDERS)


def test_a_leader_that_hangs_is_followed(needs_sessions, workers):
    """It neither dies nor speaks: PostgreSQL ends its silent session."""
    first, second = workers
    os.kill(first.pid, signal.SIGSTOP)
    try:
        took = until(lambda: leaders() == [second.pid])
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert took < HAND_OVER_SECONDS
    time.sleep(2)  # awake again, it must not lead beside the other
    assert leaders() == [second.pid]


def test_a_turn_asked_for_on_the_page_runs_within_seconds(config, live_worker, office):
    live_worker()
    admin = office("admin")
    until(lambda: "repair_menus" in admin.get("/office/jobs"))
    admin.post("/office/jobs/forget_old_runs/run")
    assert "等待执行" in admin.page
    asked = "SELECT requested_by, outcome FROM job_run WHERE job_id = 'forget_old_runs'"
    took = until(lambda: [row[1] for row in rows(asked)] == ["ok"])
    assert rows(asked)[0][0]
    assert took < 10
    assert "等待执行" not in admin.get("/office/jobs")
