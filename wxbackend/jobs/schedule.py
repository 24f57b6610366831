"""The schedule as a table, and the scheduler that runs it in the worker or in the web process."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.logs import request_id
from wxbackend.services.deliveries import apply_early_receipts
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digests import make_due_digests
from wxbackend.services.drafts import erase_old_drafts
from wxbackend.services.export_files import delete_old_exports
from wxbackend.services.floods import merge_floods
from wxbackend.services.identity import ask_for_results
from wxbackend.services.office_settings import refresh_policy
from wxbackend.services.outbox import heal, send_due
from wxbackend.services.prepared_reservations import erase_expired_prepared_forms
from wxbackend.services.reservation_expiry import expire_overdue_reservations
from wxbackend.services.retention import erase_old_reservations
from wxbackend.services.sms_routing import recover_providers
from wxbackend.services.upload_work import sweep_uploads, work_on_uploads
from wxbackend.services.visitors import erase_ended_sessions
from wxbackend.services.watched_folder import import_dropped_files

_log = logging.getLogger(__name__)
AppContext = Callable[[], AbstractContextManager[object]]
_BATCH = 20
_DRAIN_AT_MOST = 50  # batches in one turn; then the other jobs of the process get theirs


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule: what runs how often; `run` says how much it did."""

    id: str
    every_seconds: int
    run: Callable[[Dependencies], int]


def schedule(*, threads: int) -> list[Job]:
    """Every job of a process. Each is safe to run in several processes at once."""
    senders = [
        Job(f"send_notifications_{number}", 1, _sender(f"{_process_name()}:{number}"))
        for number in range(1, threads + 1)
    ]
    return [
        *senders,
        Job("heal_outbox", 15, heal),
        Job("apply_early_receipts", 5, apply_early_receipts),
        Job("ask_identity_results", 5, lambda deps: ask_for_results(deps, limit=_BATCH)),
        Job("expire_reservations", 60, lambda deps: expire_overdue_reservations(deps, limit=500)),
        Job("recover_sms_providers", 15, recover_providers),
        Job("merge_floods", 5, merge_floods),
        Job("make_digests", 10, make_due_digests),
        Job("erase_old_drafts", 3600, erase_old_drafts),
        Job("erase_expired_prepared_forms", 3600, erase_expired_prepared_forms),
        Job("erase_old_reservations", 3600, erase_old_reservations),
        Job("erase_ended_sessions", 3600, erase_ended_sessions),
        Job("delete_old_exports", 300, delete_old_exports),
        Job("work_on_uploads", 1, work_on_uploads),
        Job("sweep_uploads", 600, sweep_uploads),
        Job("import_dropped_files", 5, import_dropped_files),
    ]


def start_jobs(
    in_context: AppContext, dependencies: Dependencies, *, threads: int
) -> BackgroundScheduler:
    """Run the schedule in threads of this process.

    `in_context` opens the application's context, in which a job may reach the database.
    """
    jobs = schedule(threads=threads)
    scheduler = BackgroundScheduler(
        timezone=DISTRICT_TIME,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        # A late turn is still taken, late turns become one, and no job overtakes itself.
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    for job in jobs:
        scheduler.add_job(
            _as_task(in_context, dependencies, job),
            "interval",
            seconds=job.every_seconds,
            id=job.id,
            name=job.id,
        )
    scheduler.start()
    return scheduler


def _sender(holder: str) -> Callable[[Dependencies], int]:
    def run(dependencies: Dependencies) -> int:
        sent = 0
        for _ in range(_DRAIN_AT_MOST):
            batch = send_due(dependencies, holder=holder, limit=_BATCH)
            sent += batch
            if batch == 0:
                break
        return sent

    return run


def _as_task(in_context: AppContext, dependencies: Dependencies, job: Job) -> Callable[[], None]:
    def run() -> None:
        token = request_id.set(f"job:{job.id}")
        try:
            with in_context():
                refresh_policy(dependencies)
                count = job.run(dependencies)
            if count:
                _log.info("job done", extra={"job": job.id, "count": count})
        except Exception:  # noqa: BLE001 - the edge of the process: the schedule must go on
            _log.exception("job failed", extra={"job": job.id})
        finally:
            request_id.reset(token)

    return run


def _process_name() -> str:
    return f"{socket.gethostname()[:20]}:{os.getpid()}"
