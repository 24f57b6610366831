"""The scheduler of a process: APScheduler for the turns, and the watch over who leads."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job as Appointment
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.timetable import Every, LastTurn, RunsOn, Trigger, is_due, next_turn
from wxbackend.jobs.schedule import Job, schedule
from wxbackend.jobs.turns import AppContext, TurnTaker
from wxbackend.services import jobs
from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)
_BEAT_SECONDS = 10.0
# However long an operator would wait: the lock's session must not be silent for long.
_WATCH_SECONDS_AT_MOST = 5.0
# A turn that APScheduler should have begun and has not is begun by the watch after this time.
_GRACE = timedelta(seconds=10)
_NEVER = LastTurn(None, None)


class RunningJobs:
    """The schedule at work in threads of this process, until `stop`."""

    def __init__(
        self,
        in_context: AppContext,
        dependencies: Dependencies,
        *,
        sending_threads: int,
        watch_every: timedelta,
    ) -> None:
        self._in_context = in_context
        self._dependencies = dependencies
        self._watch_seconds = min(watch_every.total_seconds(), _WATCH_SECONDS_AT_MOST)
        self._process = _this_process(dependencies.clock())
        with in_context():
            self._lock = jobs.leader_lock()
        self._leader_since: datetime | None = None
        self._ended = threading.Event()
        plan = schedule(threads=sending_threads, ended=self._ended)
        self._takers = [self._taker(job) for job in plan]
        self._scheduler = BackgroundScheduler(
            timezone=DISTRICT_TIME,
            executors={"default": ThreadPoolExecutor(len(plan))},
            # A late turn is still taken, late turns become one, and no job overtakes itself.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._is_well = True
        self._beaten_at = -_BEAT_SECONDS
        # Not a job of APScheduler's, whose waiting follows the wall clock: this one does not.
        self._watch = threading.Thread(target=self._keep_watch, name="job-watch", daemon=True)

    def start(self) -> None:
        for taker in self._takers:
            if taker.job.runs_on is RunsOn.EVERY_PROCESS:
                self._appoint(taker, _NEVER)
        # It warns of each turn that outlasts its interval: a sender's do while there is much to do.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """Begin no turn any more, finish and write down those under way, give the lock back."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._watch.join()
        self._scheduler.shutdown(wait=True)
        self._lock.release()
        try:
            with self._in_context():
                jobs.leave(self._process)
        except Exception as error:  # noqa: BLE001 - a database that is away must not hold it up
            _log.warning("not signed off", extra={"error": type(error).__name__})

    # ---- the watch -----------------------------------------------------------------------------

    def _keep_watch(self) -> None:
        while True:
            try:
                self._look()
                self._is_well = True
            except Exception as error:  # noqa: BLE001 - the watch outlives every outage
                if self._is_well:
                    _log.warning("job watch failed", exc_info=error)
                self._is_well = False
            if self._ended.wait(self._watch_seconds):
                return

    def _look(self) -> None:
        is_leader = self._lock.hold()
        if not is_leader and self._leader_since is not None:
            self._step_down()
        self._pull_forward()
        with self._in_context():
            if is_leader and self._leader_since is None:
                self._lead()
            self._beat()
            if is_leader:
                self._begin_what_is_owed()

    def _lead(self) -> None:
        since = self._dependencies.clock()
        jobs.beat(self._dependencies, self._process, leader_since=since)
        lines = {taker.job.id: taker.job.line for taker in self._takers}
        jobs.register_schedule(self._dependencies, list(lines.values()))
        jobs.take_over(self._dependencies, self._process)
        wishes = jobs.wishes()
        for taker in self._takers:
            taker.write_next_turn_down()
            if taker.job.runs_on is RunsOn.LEADER:
                self._appoint(taker, wishes[taker.job.id].last)
        self._leader_since = since
        _log.info("leads the schedule", extra={"worker": self._process.name})

    def _step_down(self) -> None:
        self._leader_since = None
        self._beaten_at = -_BEAT_SECONDS
        for taker in self._leaders_takers():
            self._scheduler.remove_job(taker.job.task_id)
        _log.warning("leads the schedule no more", extra={"worker": self._process.name})

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten_at >= _BEAT_SECONDS:
            jobs.beat(self._dependencies, self._process, leader_since=self._leader_since)
            self._beaten_at = now

    def _begin_what_is_owed(self) -> None:
        """Turns that a person asks for, and turns that are late whatever the reason."""
        wishes = jobs.wishes()
        now = self._dependencies.clock()
        for taker in self._takers:
            wish = wishes.get(taker.job.id)
            if wish is None or taker.is_running or taker.job.copy > 1:
                continue
            if wish.is_requested or _is_late(taker.job.trigger, wish.last, now):
                taker.write_next_turn_down()
                self._scheduler.modify_job(taker.job.task_id, next_run_time=_soon())

    def _pull_forward(self) -> None:
        """No next turn is further off than its interval: after a clock was put back it would be."""
        for appointment in self._scheduler.get_jobs():
            trigger = appointment.trigger
            if isinstance(trigger, IntervalTrigger):
                latest = _soon() + trigger.interval
                if appointment.next_run_time and appointment.next_run_time > latest:
                    appointment.modify(next_run_time=latest)

    # ---- APScheduler's side --------------------------------------------------------------------

    def _taker(self, job: Job) -> TurnTaker:
        is_everywhere = job.runs_on is RunsOn.EVERY_PROCESS
        return TurnTaker(
            self._in_context,
            self._dependencies,
            job,
            process=self._process.name,
            may_run=(lambda: True) if is_everywhere else self._lock.is_held,
        )

    def _leaders_takers(self) -> list[TurnTaker]:
        return [taker for taker in self._takers if taker.job.runs_on is RunsOn.LEADER]

    def _appoint(self, taker: TurnTaker, last: LastTurn) -> Appointment:
        """Give the job to APScheduler; a turn that was missed meanwhile is taken at once."""
        job, now = taker.job, self._dependencies.clock()
        first: Mapping[str, Any] = {}
        if is_due(job.trigger, last, now) or job.trigger.is_frequent:
            first = {"next_run_time": _soon()}
        elif isinstance(job.trigger, Every):
            first = {"next_run_time": _soon() + (next_turn(job.trigger, last, now) - now)}
        return self._scheduler.add_job(
            taker.take,
            _trigger(job.trigger),
            id=job.task_id,
            name=job.task_id,
            replace_existing=True,
            **first,
        )


def _trigger(trigger: Trigger) -> BaseTrigger:
    if isinstance(trigger, Every):
        seconds = int(trigger.pause.total_seconds())
        return IntervalTrigger(seconds=seconds, timezone=DISTRICT_TIME)
    return OrTrigger(
        [
            CronTrigger(hour=one.hour, minute=one.minute, timezone=DISTRICT_TIME)
            for one in trigger.times
        ]
    )


def _is_late(trigger: Trigger, last: LastTurn, now: datetime) -> bool:
    return not trigger.is_frequent and next_turn(trigger, last, now) + _GRACE < now


def _soon() -> datetime:
    """Now, by the clock that APScheduler itself reads."""
    return datetime.now(DISTRICT_TIME)


def _this_process(now: datetime) -> jobs.Process:
    host, number = socket.gethostname()[:40], os.getpid()
    return jobs.Process(f"{host}:{number}:{secrets.token_hex(3)}", host, number, now)
