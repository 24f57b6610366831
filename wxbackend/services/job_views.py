"""定时任务: each job, how its last turn went, who runs it; and asking for a turn now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from models.database import reading, transaction
from models.jobs import (
    Job,
    JobRun,
    WorkerProcess,
    find_job,
    list_jobs,
    list_processes,
    list_runs,
    newest_leader_beat,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import NotFound
from wxbackend.domain.timetable import (
    Daily,
    Every,
    LastTurn,
    RunOutcome,
    RunsOn,
    Trigger,
    is_overdue,
    next_turn,
)
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies

# A process beats every ten seconds; so long without a beat, and it counts as lost.
SILENT_AFTER = timedelta(seconds=60)
_RUNS_SHOWN = 50
# A page that shows a turn asked for looks again for so long.
_AWAITED_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """`next_at` has passed where a turn is owed; `count` is the last turn's."""

    id: str
    trigger: Trigger
    runs_on: RunsOn
    started_at: datetime | None
    finished_at: datetime | None
    outcome: RunOutcome | None
    count: int
    error_kind: str
    failures_in_a_row: int
    worked_at: datetime | None
    worked_count: int
    next_at: datetime
    is_overdue: bool
    is_running: bool
    requested_at: datetime | None
    requested_by: str

    @property
    def error_class(self) -> str:
        return self.error_kind.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class ShownRun:
    started_at: datetime
    seconds: float | None
    outcome: RunOutcome | None
    turns: int
    count: int
    error_kind: str
    ran_on: str
    requested_by: str

    @property
    def error_class(self) -> str:
        return self.error_kind.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class ShownProcess:
    host: str
    number: int
    started_at: datetime
    beat_at: datetime
    leader_since: datetime | None
    is_alive: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """`leader` is nobody when no living process leads: most jobs stand still then."""

    jobs: Sequence[ShownJob]
    processes: Sequence[ShownProcess]
    leader: ShownProcess | None
    now: datetime

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits to see a turn end."""
        since = self.now - _AWAITED_FOR
        return any(
            (one.requested_at and one.requested_at > since)
            or (one.is_running and one.started_at and one.started_at > since)
            for one in self.jobs
        )


def stand_still(leader_beat_at: datetime | None, now: datetime) -> bool:
    """Whether nobody leads, by the newest beat of a leader: most jobs do not run then."""
    return leader_beat_at is None or leader_beat_at <= now - SILENT_AFTER


def jobs_stand_still(dependencies: Dependencies) -> bool:
    with reading() as session:
        return stand_still(newest_leader_beat(session), dependencies.clock())


def show_jobs(dependencies: Dependencies) -> JobsPage:
    now = dependencies.clock()
    with reading() as session:
        rows = list_processes(session)
        processes = [_shown_process(row, now) for row in rows]
        alive = {row.name for row in rows if _is_alive(row, now)}
        shown = [_shown(row, alive, now) for row in list_jobs(session)]
    leading = [one for one in processes if one.is_alive and one.leader_since is not None]
    return JobsPage(shown, processes, leading[0] if leading else None, now)


def show_job(dependencies: Dependencies, job_id: str) -> tuple[ShownJob, Sequence[ShownRun]]:
    """A job and its last turns, newest first. Raises: NotFound."""
    now = dependencies.clock()
    with reading() as session:
        row = find_job(session, job_id)
        if row is None:
            raise NotFound
        alive = {one.name for one in list_processes(session) if _is_alive(one, now)}
        runs = [_shown_run(run) for run in list_runs(session, job_id, limit=_RUNS_SHOWN)]
        return _shown(row, alive, now), runs


def request_turn(dependencies: Dependencies, job_id: str, *, actor: Actor) -> bool:
    """Ask the leader for a turn now; False when one is asked for already. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        job = find_job(session, job_id, is_locked=True)
        if job is None:
            raise NotFound
        if job.requested_at is not None:
            return False
        job.requested_at, job.requested_by = now, actor.label
        record(session, actor, "run_job", about=("job", job_id), now=now)
    return True


def _shown(row: Job, alive: set[str], now: datetime) -> ShownJob:
    trigger, last = trigger_of(row), LastTurn(row.started_at, row.due_at)
    is_begun = row.started_at is not None and (
        row.finished_at is None or row.finished_at < row.started_at
    )
    return ShownJob(
        id=row.id,
        trigger=trigger,
        runs_on=row.runs_on,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        count=row.count,
        error_kind=row.error_kind,
        failures_in_a_row=row.failures_in_a_row,
        worked_at=row.worked_at,
        worked_count=row.worked_count,
        next_at=next_turn(trigger, last, now),
        is_overdue=is_overdue(trigger, last, now),
        is_running=is_begun and row.ran_on in alive,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
    )


def trigger_of(row: Job) -> Trigger:
    if row.every_seconds is not None:
        return Every(timedelta(seconds=row.every_seconds))
    return Daily(tuple(time.fromisoformat(one) for one in row.daily_at.split(",")))


def _shown_run(row: JobRun) -> ShownRun:
    ended = row.finished_at
    return ShownRun(
        started_at=row.started_at,
        seconds=None if ended is None else (ended - row.started_at).total_seconds(),
        outcome=row.outcome,
        turns=row.turns,
        count=row.count,
        error_kind=row.error_kind,
        ran_on=row.ran_on.rpartition(":")[0],
        requested_by=row.requested_by,
    )


def _shown_process(row: WorkerProcess, now: datetime) -> ShownProcess:
    return ShownProcess(
        row.host,
        row.process_number,
        row.started_at,
        row.beat_at,
        row.leader_since,
        _is_alive(row, now),
    )


def _is_alive(row: WorkerProcess, now: datetime) -> bool:
    return row.beat_at > now - SILENT_AFTER
