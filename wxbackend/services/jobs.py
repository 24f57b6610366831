"""What workers write down: the schedule, every turn of a job, and that they are alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import jobs
from models.database import IntegrityError, Session, transaction
from models.database import reading as reading_transaction
from models.jobs import Job, JobRun, WorkerProcess
from models.leader_lock import LeaderLock as LeaderLock  # the jobs name it, not the database
from models.leader_lock import leader_lock as leader_lock
from wxbackend.domain.timetable import (
    Daily,
    Every,
    LastTurn,
    RunOutcome,
    RunsOn,
    Trigger,
    moment_due,
)
from wxbackend.services.dependencies import Dependencies

INTERRUPTED = "Interrupted"
# A turn that took its process with it is taken up again so many times.
_MOST_INTERRUPTIONS = 3
_RUNS_KEPT_FOR = timedelta(days=7)
_DEAD_SHOWN_FOR = timedelta(hours=1)
_LONGEST_KIND = 80
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the schedule, without its task."""

    id: str
    trigger: Trigger
    runs_on: RunsOn


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs jobs; `name` is unique, also after a restart with the same number."""

    name: str
    host: str
    number: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What the leader needs to know of a job: its last turn, and whether a person wants one."""

    last: LastTurn
    is_requested: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A rare job's turn under way: its row in the history, and the request that it answers."""

    run_id: int
    requested_at: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a turn; `error_kind` names the error's class and never quotes it."""

    started_at: datetime
    finished_at: datetime
    count: int
    error_kind: str = ""

    @property
    def outcome(self) -> RunOutcome:
        return RunOutcome.FAILED if self.error_kind else RunOutcome.OK


# ---- the schedule ------------------------------------------------------------------------------


def register_schedule(dependencies: Dependencies, lines: Sequence[Line]) -> None:
    """Write the leader's schedule down: pages show what runs, not what might."""
    try:
        _register(dependencies, lines)
    except IntegrityError:  # another process began at the same moment
        _register(dependencies, lines)


def _register(dependencies: Dependencies, lines: Sequence[Line]) -> None:
    now = dependencies.clock()
    with transaction() as session:
        jobs.delete_other_jobs(session, [line.id for line in lines])
        rows = {row.id: row for row in jobs.list_jobs(session)}
        for position, line in enumerate(lines):
            row = rows.get(line.id)
            if row is None:
                row = Job(id=line.id)
                # A daily job that is new begins with its next moment.
                if isinstance(line.trigger, Daily):
                    row.due_at = moment_due(line.trigger, now)
            row.position, row.runs_on = position, line.runs_on
            row.every_seconds, row.daily_at = _columns(line.trigger)
            jobs.add_job(session, row)


def _columns(trigger: Trigger) -> tuple[int | None, str]:
    if isinstance(trigger, Every):
        return int(trigger.pause.total_seconds()), ""
    return None, ",".join(one.strftime("%H:%M") for one in trigger.times)


def wishes() -> dict[str, Wish]:
    """Every job's last turn and request, by id."""
    with reading_transaction() as session:
        return {
            row.id: Wish(LastTurn(row.started_at, row.due_at), row.requested_at is not None)
            for row in jobs.list_jobs(session)
        }


# ---- turns -------------------------------------------------------------------------------------


def begin_turn(dependencies: Dependencies, line: Line, *, process: str) -> Begun | None:
    """Write down that a turn of a rare job begins.

    None where it is not to be: another process had this moment's turn, and nobody asks for one.
    """
    now = dependencies.clock()
    with transaction() as session:
        job = jobs.find_job(session, line.id, is_locked=True)
        if job is None:
            return None
        requested_at, requested_by = job.requested_at, job.requested_by
        is_ours = _take_moment(session, line, now)
        if not is_ours and requested_at is None:
            return None
        jobs.close_runs(session, line.id, now=now, error_kind=INTERRUPTED)
        jobs.put_turn(session, line.id, {"started_at": now, "ran_on": process})
        run = JobRun(job_id=line.id, started_at=now, ran_on=process, requested_by=requested_by)
        return Begun(jobs.add_run(session, run), requested_at)


def _take_moment(session: Session, line: Line, now: datetime) -> bool:
    if isinstance(line.trigger, Every):
        return True
    due_at = moment_due(line.trigger, now)
    return jobs.take_moment(session, line.id, due_at=due_at, bogus_after=now + _DAY)


def end_turn(line: Line, turn: Turn, begun: Begun) -> None:
    with transaction() as session:
        jobs.end_run(session, begun.run_id, _result(turn))
        _put(session, line, turn, {})
        if begun.requested_at is not None:
            jobs.end_request(session, line.id, requested_at=begun.requested_at)


def note_turns(
    line: Line, turn: Turn, *, process: str, run_id: int | None, is_worth_a_row: bool
) -> int | None:
    """Write a turn of a frequent job down; `run_id` is the row of the minute that it belongs to.

    The id of the row that it went to.
    """
    with transaction() as session:
        ended = {"requested_at": None, "requested_by": ""}
        begun = {"started_at": turn.started_at, "ran_on": process}
        _put(session, line, turn, begun | ended)
        if not is_worth_a_row:
            return run_id
        if run_id is not None and jobs.grow_run(
            session, run_id, finished_at=turn.finished_at, count=turn.count
        ):
            return run_id
        run = JobRun(job_id=line.id, started_at=turn.started_at, ran_on=process, **_result(turn))
        return jobs.add_run(session, run)


def _put(session: Session, line: Line, turn: Turn, more: dict[str, Any]) -> None:
    values = _result(turn) | more
    if turn.outcome is RunOutcome.OK:
        values["failures_in_a_row"] = 0
    if turn.count:
        values |= {"worked_at": turn.finished_at, "worked_count": turn.count}
    jobs.put_turn(session, line.id, values)
    if turn.outcome is RunOutcome.FAILED:
        jobs.count_failure(session, line.id)


def _result(turn: Turn) -> dict[str, Any]:
    return {
        "finished_at": turn.finished_at,
        "outcome": turn.outcome,
        "count": turn.count,
        "error_kind": turn.error_kind[:_LONGEST_KIND],
    }


def forget_old_runs(dependencies: Dependencies) -> int:
    """The job: erase old history."""
    now = dependencies.clock()
    with transaction() as session:
        return jobs.delete_old_runs(session, before=now - _RUNS_KEPT_FOR)


# ---- processes ---------------------------------------------------------------------------------


def beat(dependencies: Dependencies, process: Process, *, leader_since: datetime | None) -> None:
    """Say that this process lives, and whether it leads; the leader forgets who is long dead."""
    now = dependencies.clock()
    with transaction() as session:
        row = WorkerProcess(
            name=process.name,
            host=process.host,
            process_number=process.number,
            started_at=process.started_at,
            beat_at=now,
            leader_since=leader_since,
        )
        jobs.put_beat(session, row)
        if leader_since is not None:
            jobs.delete_dead_processes(session, before=now - _DEAD_SHOWN_FOR)


def leave(process: Process) -> None:
    """The process ends in order."""
    with transaction() as session:
        jobs.delete_process(session, process.name)


def take_over(dependencies: Dependencies, process: Process) -> int:
    """What the leader before left half done is asked for again; how many jobs."""
    now = dependencies.clock()
    with transaction() as session:
        left = jobs.list_left_jobs(session, ran_on=process.name)
        for job_id in left:
            jobs.close_runs(session, job_id, now=now, error_kind=INTERRUPTED)
            job = jobs.find_job(session, job_id, is_locked=True)
            if job is None:
                continue
            job.finished_at, job.outcome, job.error_kind = now, RunOutcome.FAILED, INTERRUPTED
            job.failures_in_a_row += 1
            is_hopeless = job.failures_in_a_row > _MOST_INTERRUPTIONS
            job.requested_at = None if is_hopeless else now
    return len(left)
