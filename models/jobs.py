"""Jobs: what the schedule is, how each job's last turn went, its history, and who runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, case, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, changed_rows, enum_column
from wxbackend.domain.timetable import RunOutcome, RunsOn


class Job(Base):
    """A line of the schedule as the workers know it, and its last turn in any process.

    `due_at` is the daily moment that was run for; `worked_at` and `worked_count` are of the last
    turn that found something to do.
    """

    __tablename__ = "job"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    every_seconds: Mapped[int | None]
    daily_at: Mapped[str] = mapped_column(String(80))
    runs_on: Mapped[RunsOn] = mapped_column(enum_column(RunsOn))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[RunOutcome | None] = mapped_column(enum_column(RunOutcome))
    count: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str] = mapped_column(String(80), default="")
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worked_count: Mapped[int] = mapped_column(default=0)
    ran_on: Mapped[str] = mapped_column(String(80), default="")
    requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_by: Mapped[str] = mapped_column(String(60), default="")


class JobRun(Base):
    """One turn, or the turns of a frequent job within a minute; without an end: under way."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_job_id_id", "job_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[RunOutcome | None] = mapped_column(enum_column(RunOutcome))
    turns: Mapped[int] = mapped_column(default=1)
    count: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str] = mapped_column(String(80), default="")
    ran_on: Mapped[str] = mapped_column(String(80))
    requested_by: Mapped[str] = mapped_column(String(60), default="")


class WorkerProcess(Base):
    """A process that runs jobs; one that has not beaten for long is dead."""

    __tablename__ = "worker_process"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    host: Mapped[str] = mapped_column(String(60))
    process_number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leader_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


# ---- the schedule ------------------------------------------------------------------------------


def list_jobs(session: Session) -> Sequence[Job]:
    return session.scalars(select(Job).order_by(Job.position, Job.id)).all()


def find_job(session: Session, job_id: str, *, is_locked: bool = False) -> Job | None:
    query = select(Job).where(Job.id == job_id)
    return session.scalar(query.with_for_update() if is_locked else query)


def add_job(session: Session, job: Job) -> None:
    session.add(job)
    session.flush()


def delete_other_jobs(session: Session, kept: Sequence[str]) -> int:
    return changed_rows(session, delete(Job).where(Job.id.not_in(kept)))


def take_moment(session: Session, job_id: str, *, due_at: datetime, bogus_after: datetime) -> bool:
    """Whether this moment's turn is ours: one process gets it, once, however clocks jump.

    What was run for a moment after `bogus_after` ran under a clock that was wrong.
    """
    query = update(Job).where(
        Job.id == job_id,
        or_(Job.due_at.is_(None), Job.due_at < due_at, Job.due_at > bogus_after),
    )
    return changed_rows(session, query.values(due_at=due_at)) == 1


def put_turn(session: Session, job_id: str, values: Mapping[str, Any]) -> None:
    """Write a turn down, finished or begun."""
    session.execute(update(Job).where(Job.id == job_id).values(**values))


def count_failure(session: Session, job_id: str) -> None:
    grown = Job.failures_in_a_row + 1
    session.execute(update(Job).where(Job.id == job_id).values(failures_in_a_row=grown))


def end_request(session: Session, job_id: str, *, requested_at: datetime) -> None:
    """A turn has answered this request; one made since stands."""
    query = update(Job).where(Job.id == job_id, Job.requested_at == requested_at)
    session.execute(query.values(requested_at=None, requested_by=""))


# ---- history -----------------------------------------------------------------------------------


def add_run(session: Session, run: JobRun) -> int:
    session.add(run)
    session.flush()
    return run.id


def end_run(session: Session, run_id: int, values: Mapping[str, Any]) -> None:
    session.execute(update(JobRun).where(JobRun.id == run_id).values(**values))


def grow_run(session: Session, run_id: int, *, finished_at: datetime, count: int) -> bool:
    """Add a turn of a frequent job to its row; False when the row is gone."""
    query = update(JobRun).where(JobRun.id == run_id)
    values = {"finished_at": finished_at, "turns": JobRun.turns + 1, "count": JobRun.count + count}
    return changed_rows(session, query.values(**values)) == 1


def list_left_jobs(session: Session, *, ran_on: str) -> Sequence[str]:
    """The jobs with a turn under way in another process than this one."""
    query = select(JobRun.job_id).where(JobRun.finished_at.is_(None), JobRun.ran_on != ran_on)
    return session.scalars(query.distinct()).all()


def close_runs(session: Session, job_id: str, *, now: datetime, error_kind: str) -> int:
    """What still stands as under way will not be told of any more; how many turns."""
    query = update(JobRun).where(JobRun.job_id == job_id, JobRun.finished_at.is_(None))
    values = {"finished_at": now, "outcome": RunOutcome.FAILED, "error_kind": error_kind}
    return changed_rows(session, query.values(**values))


def list_runs(session: Session, job_id: str, *, limit: int) -> Sequence[JobRun]:
    query = select(JobRun).where(JobRun.job_id == job_id).order_by(JobRun.id.desc()).limit(limit)
    return session.scalars(query).all()


def delete_old_runs(session: Session, *, before: datetime) -> int:
    return changed_rows(session, delete(JobRun).where(JobRun.started_at < before))


# ---- processes ---------------------------------------------------------------------------------


def put_beat(session: Session, process: WorkerProcess) -> None:
    """Say that a process lives; being the leader ends with the next one's beat."""
    kept = session.merge(process)
    session.flush()
    if kept.leader_since is not None:
        others = update(WorkerProcess).where(
            WorkerProcess.name != kept.name, WorkerProcess.leader_since.is_not(None)
        )
        session.execute(others.values(leader_since=None))


def delete_process(session: Session, name: str) -> None:
    session.execute(delete(WorkerProcess).where(WorkerProcess.name == name))


def delete_dead_processes(session: Session, *, before: datetime) -> int:
    return changed_rows(session, delete(WorkerProcess).where(WorkerProcess.beat_at < before))


def list_processes(session: Session) -> Sequence[WorkerProcess]:
    """The leader first, then by age."""
    order = case((WorkerProcess.leader_since.is_(None), 1), else_=0)
    query = select(WorkerProcess).order_by(order, WorkerProcess.started_at, WorkerProcess.name)
    return session.scalars(query).all()


def newest_leader_beat(session: Session) -> datetime | None:
    query = select(func.max(WorkerProcess.beat_at)).where(WorkerProcess.leader_since.is_not(None))
    return session.scalar(query)
