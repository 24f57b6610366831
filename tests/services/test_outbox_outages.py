"""The database or the shared store goes away amid a send: nothing is lost, nothing goes twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from tests.outbox_world import OutboxWorld, rows, sms
from wxbackend.domain.notifications import NotificationState as State


@pytest.fixture
def world(dependencies, sandbox, clock) -> OutboxWorld:
    return OutboxWorld(dependencies, sandbox, clock)


@pytest.fixture
def outage(is_postgresql, database_url):
    """Lock everybody out of the database for the block."""
    if not is_postgresql:
        pytest.skip("SQLite is never away")
    server, _, name = database_url.replace("+psycopg", "").rpartition("/")

    @contextmanager
    def away() -> Iterator[None]:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            admin.execute(ended, [name])
            try:
                yield
            finally:
                admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))

    return away


def test_an_answer_is_written_down_once_the_database_is_back(world, sandbox, app, outage):
    sandbox.put("/sandbox/faults/sms.mas", {"kind": "slow", "value": 1, "count": 1})
    world.put([sms(1)])

    def work() -> None:
        with app.app_context():
            world.work()

    sender = threading.Thread(target=work)
    sender.start()
    end = time.monotonic() + 10
    while not any(row.state is State.SENDING for row in rows()) and time.monotonic() < end:
        time.sleep(0.01)
    with outage():
        time.sleep(1.5)
        assert len(sandbox.messages(channel="sms")) == 1
        assert sender.is_alive()
    sender.join(10)
    assert [(row.state, row.attempts) for row in rows()] == [(State.SENT, 1)]
    assert len(sandbox.messages(channel="sms")) == 1
