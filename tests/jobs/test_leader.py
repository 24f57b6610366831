"""Of several worker processes exactly one leads, whatever is killed or cut."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from models.leader_lock import leader_lock
from tests.live import LiveWorker

HAND_OVER_SECONDS = 30

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


def test_a_leader_that_stops_hands_over_and_signs_off(workers):
    first, second = workers
    first.stop(signal.SIGTERM)
    assert first.pid not in processes()
    assert until(lambda: leaders() == [second.pid]) < 10


def test_a_cut_connection_leaves_exactly_one_leader(needs_sessions, workers):
    lock = leader_lock()
    for _ in range(4):
        with transaction() as session:
            query = (
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted"
            )
            assert session.execute(text(query)).scalars().all() == [True]
        until(lambda: len(locks()) == 1)
        assert not lock.hold()
        until(lambda: len(leaders()) == 1)
    both = {worker.pid for worker in workers}
    assert set(processes()) == both
    assert all(worker.is_running() for worker in workers)
    lock.release()


def locks() -> list[tuple[object, ...]]:
    return rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")


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
