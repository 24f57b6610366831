"""The scheduler in this process: as it runs in the embedded mode."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from models.database import reading, transaction
from models.leader_lock import leader_lock
from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.jobs.running import RunningJobs
from wxbackend.jobs.schedule import schedule
from wxbackend.services.outbox import Letter, enqueue


@pytest.fixture
def start(app, dependencies) -> Iterator[Callable[[], RunningJobs]]:
    started: list[RunningJobs] = []

    def begin() -> RunningJobs:
        running = RunningJobs(
            app.app_context,
            dependencies,
            sending_threads=1,
            watch_every=timedelta(milliseconds=100),
        )
        running.start()
        started.append(running)
        return running

    yield begin
    for running in started:
        running.stop()


def number(sql: str) -> int:
    with reading() as session:
        return int(session.execute(text(sql)).scalar_one())


def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def send(dependencies, event: str) -> None:
    now = dependencies.clock()
    letter = Letter(
        event=event,
        recipient="somebody",
        channel=Channel.SMS,
        kind=NotificationKind.PASSAGE_ALLOWED_OTHER,
        address="13900000001",
        content={"text": event},
        not_after=now + timedelta(hours=1),
    )
    with transaction() as session:
        enqueue(session, letter, now=now)


def sent() -> int:
    return number("SELECT count(*) FROM notification WHERE state = 'sent'")


def led() -> int:
    return number("SELECT count(*) FROM worker_process WHERE leader_since IS NOT NULL")


def test_what_sends_begins_no_other_when_told_to_stop(dependencies):
    ended = threading.Event()
    sender = schedule(threads=1, ended=ended)[0]
    send(dependencies, "one")
    ended.set()
    assert (sender.run(dependencies), sent()) == (0, 0)
    ended.clear()
    assert (sender.run(dependencies), sent()) == (1, 1)


def test_one_process_alone_leads_and_works(start, dependencies):
    running = start()
    until(lambda: led() == 1)
    until(lambda: number("SELECT count(*) FROM job WHERE finished_at IS NOT NULL") > 10)
    send(dependencies, "one")
    until(lambda: sent() == 1)
    assert not leader_lock().hold()

    running.stop()
    assert number("SELECT count(*) FROM worker_process") == 0
    lock = leader_lock()
    assert lock.hold()
    lock.release()


def test_a_second_scheduler_waits_for_the_first(start):
    first = start()
    until(lambda: led() == 1)
    start()
    until(lambda: number("SELECT count(*) FROM worker_process") == 2)
    assert led() == 1
    first.stop()
    until(lambda: led() == 1)


def test_a_clock_that_is_put_back_stops_nothing(start, dependencies):
    """APScheduler waits by the wall clock: put back by an hour, every turn is an hour away."""
    running = start()
    until(lambda: led() == 1)
    later = datetime.now(DISTRICT_TIME) + timedelta(hours=2)
    for appointment in running._scheduler.get_jobs():
        appointment.modify(next_run_time=later)
    send(dependencies, "one")
    until(lambda: sent() == 1)


def test_downtime_is_caught_up_when_the_process_is_back(start, dependencies, clock):
    """An hourly job that is owed runs at once, one that is not waits for its hour."""
    ran = "SELECT count(*) FROM job_run WHERE job_id = 'erase_old_drafts'"
    running = start()
    until(lambda: number(ran) == 1)
    running.stop()
    clock.advance(minutes=30)
    running = start()
    until(lambda: number("SELECT count(*) FROM job_run WHERE job_id = 'sweep_uploads'") == 2)
    running.stop()
    assert number(ran) == 1
    clock.advance(minutes=31)
    start()
    until(lambda: number(ran) == 2)
