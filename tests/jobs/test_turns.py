"""A job's turn: what is written down, what is not, and that the next one comes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import text

from models.database import reading
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.timetable import Daily, Every, RunsOn, Trigger
from wxbackend.gateways.errors import TemporaryGatewayError
from wxbackend.jobs.schedule import Job
from wxbackend.jobs.turns import TurnTaker
from wxbackend.services import jobs
from wxbackend.services.job_views import request_turn, show_job, show_jobs

HOURLY = Every(timedelta(hours=1))
NIGHTLY = Daily((time(3, 40),))
QUICK = Every(timedelta(seconds=5))
ADMIN = Actor(ActorKind.ACCOUNT, 1, "admin", "admin1", "127.0.0.1", "")


class Work:
    """What a job finds to do, turn by turn; an exception is raised."""

    def __init__(self) -> None:
        self.turns = 0
        self.waiting: list[int | Exception] = []

    def __call__(self, _dependencies) -> int:
        self.turns += 1
        found = self.waiting.pop(0) if self.waiting else 0
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def job_of(app, dependencies, work):
    def make(trigger: Trigger, *, process: str = "host:1:aa") -> TurnTaker:
        job = Job("make_digests", trigger, RunsOn.LEADER, work)
        jobs.register_schedule(dependencies, [job.line])
        return TurnTaker(app.app_context, dependencies, job, process=process, may_run=lambda: True)

    return make


def history() -> list[tuple[object, ...]]:
    with reading() as session:
        sql = "SELECT outcome, turns, count, error_kind FROM job_run ORDER BY id"
        return [tuple(row) for row in session.execute(text(sql))]


def shown(dependencies):
    return show_job(dependencies, "make_digests")[0]


def test_every_turn_of_a_rare_job_is_written_down(job_of, work, dependencies):
    taker = job_of(HOURLY)
    work.waiting = [7]
    taker.take()
    taker.take()
    assert history() == [("ok", 1, 7, ""), ("ok", 1, 0, "")]
    job = shown(dependencies)
    assert (job.outcome, job.count, job.worked_count) == ("ok", 0, 7)


def test_a_failure_is_written_down_and_the_next_turn_comes(job_of, work, dependencies):
    taker = job_of(HOURLY)
    secret = "13800000000 is not in the row"
    work.waiting = [ValueError(secret), TemporaryGatewayError("wechat", "45009"), 3]
    taker.take()
    job = shown(dependencies)
    assert (job.outcome, job.error_kind, job.failures_in_a_row) == ("failed", "ValueError", 1)
    taker.take()
    assert shown(dependencies).failures_in_a_row == 2
    taker.take()
    job = shown(dependencies)
    assert (job.outcome, job.error_kind, job.failures_in_a_row) == ("ok", "", 0)
    assert [row[3] for row in history()] == [
        "ValueError",
        "TemporaryGatewayError wechat 45009",
        "",
    ]


def test_a_frequent_job_writes_nothing_down_each_second(job_of, work, dependencies):
    taker = job_of(QUICK)
    taker.take()
    first = shown(dependencies).started_at
    dependencies.clock.advance(seconds=5)
    taker.take()
    assert work.turns == 2
    assert shown(dependencies).started_at == first
    assert history() == []


def test_what_a_frequent_job_did_goes_into_one_row_a_minute(job_of, work, dependencies):
    taker = job_of(QUICK)
    work.waiting = [1, 2, 0, ValueError(), ValueError(), 0, 4]
    for _ in range(7):
        dependencies.clock.advance(seconds=5)
        taker.take()
    assert history() == [
        ("ok", 2, 3, ""),
        ("failed", 2, 0, "ValueError"),
        ("ok", 1, 4, ""),
    ]
    job = shown(dependencies)
    assert (job.outcome, job.worked_count, job.started_at) == ("ok", 4, dependencies.clock())


def at(clock, day: str, hour: int, minute: int) -> None:
    """Set the clock to a moment in Guangzhou."""
    clock.now = datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=DISTRICT_TIME)


def test_a_daily_job_runs_once_a_day_however_the_clock_jumps(job_of, work, clock):
    at(clock, "2022-04-21", 12, 0)
    one, other = job_of(NIGHTLY), job_of(NIGHTLY, process="host:2:bb")
    one.take()
    assert work.turns == 0  # it is new, and begins with the coming night
    at(clock, "2022-04-22", 3, 40)
    one.take()
    other.take()
    assert work.turns == 1
    at(clock, "2022-04-22", 2, 50)  # put back by fifty minutes
    one.take()
    at(clock, "2022-04-22", 3, 40)
    one.take()
    other.take()
    assert work.turns == 1
    at(clock, "2022-04-23", 3, 41)
    other.take()
    assert work.turns == 2


def test_a_night_that_was_missed_is_caught_up_once(job_of, work, clock):
    at(clock, "2022-04-20", 12, 0)
    job_of(NIGHTLY)
    at(clock, "2022-04-23", 9, 0)  # down for three nights
    for process in ("host:3:cc", "host:4:dd"):
        job_of(NIGHTLY, process=process).take()
    assert work.turns == 1


def test_a_clock_that_was_days_ahead_stops_no_night(job_of, work, clock):
    at(clock, "2022-05-20", 12, 0)
    taker = job_of(NIGHTLY)
    at(clock, "2022-05-21", 3, 40)
    taker.take()
    at(clock, "2022-04-22", 3, 40)
    taker.take()
    assert work.turns == 2


def test_a_turn_asked_for_is_taken_and_answered(job_of, work, dependencies, clock):
    at(clock, "2022-04-22", 12, 0)
    taker = job_of(NIGHTLY)
    assert request_turn(dependencies, "make_digests", actor=ADMIN)
    assert not request_turn(dependencies, "make_digests", actor=ADMIN)
    assert jobs.wishes()["make_digests"].is_requested
    taker.take()
    assert work.turns == 1
    assert not jobs.wishes()["make_digests"].is_requested
    runs = show_job(dependencies, "make_digests")[1]
    assert [run.requested_by for run in runs] == ["admin1"]
    taker.take()
    assert work.turns == 1
    at(clock, "2022-04-23", 3, 40)
    taker.take()
    assert work.turns == 2


def test_a_turn_asked_for_while_another_runs_is_taken_after_it(job_of, work, dependencies):
    taker = job_of(HOURLY)

    def ask(_dependencies) -> int:
        dependencies.clock.advance(seconds=1)
        request_turn(dependencies, "make_digests", actor=ADMIN)
        return 1

    job = Job("make_digests", HOURLY, RunsOn.LEADER, ask)
    TurnTaker(
        taker._in_context, dependencies, job, process="host:1:aa", may_run=lambda: True
    ).take()
    assert jobs.wishes()["make_digests"].is_requested


def test_what_a_dead_leader_left_is_asked_for_again(job_of, work, dependencies, app):
    line = job_of(NIGHTLY, process="host:9:dead").job.line
    dependencies.clock.advance(days=1)
    assert jobs.begin_turn(dependencies, line, process="host:9:dead") is not None

    heir = jobs.Process("host:2:bb", "host", 2, dependencies.clock())
    assert jobs.take_over(dependencies, heir) == 1
    assert history() == [("failed", 1, 0, jobs.INTERRUPTED)]
    job_of(NIGHTLY, process=heir.name).take()
    assert work.turns == 1
    assert shown(dependencies).outcome == "ok"


def test_a_turn_that_always_kills_is_not_asked_for_for_ever(job_of, dependencies):
    line = job_of(HOURLY).job.line
    wanted = []
    for number in range(4):
        assert jobs.begin_turn(dependencies, line, process=f"host:{number}:dead") is not None
        heir = jobs.Process(f"heir:{number}:aa", "heir", number, dependencies.clock())
        jobs.take_over(dependencies, heir)
        wanted.append(jobs.wishes()["make_digests"].is_requested)
    assert wanted == [True, True, True, False]


def test_a_leader_that_lost_its_lock_runs_nothing(app, dependencies, work):
    job = Job("make_digests", HOURLY, RunsOn.LEADER, work)
    jobs.register_schedule(dependencies, [job.line])
    taker = TurnTaker(app.app_context, dependencies, job, process="a:1:a", may_run=lambda: False)
    taker.take()
    assert work.turns == 0


def test_one_leader_is_shown_and_a_silent_one_is_none(dependencies):
    one = jobs.Process("host:1:aa", "host", 1, dependencies.clock())
    other = jobs.Process("host:2:bb", "host", 2, dependencies.clock())
    jobs.beat(dependencies, one, leader_since=dependencies.clock())
    jobs.beat(dependencies, other, leader_since=None)
    assert show_jobs(dependencies).leader.number == 1
    jobs.beat(dependencies, other, leader_since=dependencies.clock())
    page = show_jobs(dependencies)
    assert page.leader.number == 2
    assert [one.leader_since is None for one in page.processes] == [False, True]
    dependencies.clock.advance(seconds=61)
    assert show_jobs(dependencies).leader is None
    dependencies.clock.advance(hours=1)
    jobs.beat(dependencies, other, leader_since=dependencies.clock())
    assert [one.number for one in show_jobs(dependencies).processes] == [2]
    jobs.leave(other)
    assert show_jobs(dependencies).processes == []


def test_the_silent_are_forgotten_by_the_leader_alone(dependencies):
    one = jobs.Process("host:1:aa", "host", 1, dependencies.clock())
    other = jobs.Process("host:2:bb", "host", 2, dependencies.clock())
    jobs.beat(dependencies, one, leader_since=None)
    dependencies.clock.advance(hours=2)
    jobs.beat(dependencies, other, leader_since=None)
    assert [one.number for one in show_jobs(dependencies).processes] == [1, 2]


def test_old_history_is_forgotten(job_of, work, dependencies):
    taker = job_of(HOURLY)
    taker.take()
    dependencies.clock.advance(days=8)
    taker.take()
    assert jobs.forget_old_runs(dependencies) == 1
    assert len(history()) == 1
