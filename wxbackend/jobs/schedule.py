"""The schedule as a table: what runs when, and in which processes."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from time import monotonic

from wxbackend.domain.timetable import Daily, Every, RunsOn, Trigger
from wxbackend.services.api_requests import erase_old_requests
from wxbackend.services.deliveries import apply_early_receipts
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digest_files import delete_old_digest_files
from wxbackend.services.digests import make_due_digests
from wxbackend.services.drafts import erase_old_drafts
from wxbackend.services.export_files import delete_old_exports
from wxbackend.services.floods import merge_floods
from wxbackend.services.identity_results import ask_for_results
from wxbackend.services.jobs import Line, forget_old_runs
from wxbackend.services.menu_repairs import apply_due_tags, repair_menus
from wxbackend.services.outbox import heal, send_due
from wxbackend.services.prepared_reservations import erase_expired_prepared_forms
from wxbackend.services.reservation_expiry import expire_overdue_reservations
from wxbackend.services.retention import erase_old_reservations
from wxbackend.services.sms_health import recover_providers
from wxbackend.services.token_warm_up import warm_up_tokens
from wxbackend.services.upload_work import sweep_uploads, work_on_uploads
from wxbackend.services.visitors import erase_ended_sessions
from wxbackend.services.watched_folder import import_dropped_files

_BATCH = 20
_DRAIN_SECONDS = 60.0  # then the turn is written down, and the next one begins
_LEADER, _EVERY_PROCESS = RunsOn.LEADER, RunsOn.EVERY_PROCESS
Task = Callable[[Dependencies], int]


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule; `run` says how much it did.

    `copy` numbers the threads of a process that run the same line; the first is 1.
    """

    id: str
    trigger: Trigger
    runs_on: RunsOn
    run: Task
    copy: int = 1

    @property
    def task_id(self) -> str:
        return f"{self.id}:{self.copy}"

    @property
    def line(self) -> Line:
        return Line(self.id, self.trigger, self.runs_on)


def schedule(*, threads: int, ended: threading.Event) -> list[Job]:
    """Every job. A leader's is safe in two processes too: a hand-over may overlap for a moment.

    `threads` send at the same time; `ended` says that the process is to stop.
    """
    senders = [
        Job("send_notifications", _every(seconds=1), _EVERY_PROCESS, _sender(number, ended), number)
        for number in range(1, threads + 1)
    ]
    return [
        *senders,
        Job("heal_outbox", _every(seconds=15), _LEADER, heal),
        Job("apply_early_receipts", _every(seconds=5), _LEADER, apply_early_receipts),
        Job("merge_floods", _every(seconds=5), _LEADER, merge_floods),
        Job("warm_up_tokens", _every(minutes=1), _LEADER, warm_up_tokens),
        Job("recover_sms_providers", _every(seconds=5), _LEADER, recover_providers),
        Job("make_digests", _every(seconds=10), _LEADER, make_due_digests),
        Job("ask_identity_results", _every(seconds=5), _EVERY_PROCESS, _ask_for_results),
        Job("expire_reservations", _every(minutes=1), _LEADER, _expire_reservations),
        Job("work_on_uploads", _every(seconds=1), _EVERY_PROCESS, work_on_uploads),
        Job("import_dropped_files", _every(seconds=5), _EVERY_PROCESS, import_dropped_files),
        Job("sweep_uploads", _every(minutes=10), _LEADER, sweep_uploads),
        Job("delete_old_exports", _every(minutes=5), _LEADER, delete_old_exports),
        Job("delete_old_digest_files", _every(hours=1), _LEADER, delete_old_digest_files),
        Job("erase_old_drafts", _every(hours=1), _LEADER, erase_old_drafts),
        Job("erase_expired_prepared_forms", _every(hours=1), _LEADER, erase_expired_prepared_forms),
        Job("erase_old_reservations", _every(hours=1), _LEADER, erase_old_reservations),
        Job("erase_ended_sessions", _every(hours=1), _LEADER, erase_ended_sessions),
        Job("erase_api_requests", _every(hours=1), _LEADER, erase_old_requests),
        Job("apply_menu_tags", _every(seconds=2), _LEADER, apply_due_tags),
        Job("repair_menus", _daily(time(3, 20)), _LEADER, repair_menus),
        Job("forget_old_runs", _daily(time(3, 40)), _LEADER, forget_old_runs),
    ]


def _every(**duration: int) -> Every:
    return Every(timedelta(**duration))


def _daily(*times: time) -> Daily:
    return Daily(times)


def _ask_for_results(dependencies: Dependencies) -> int:
    return ask_for_results(dependencies, limit=_BATCH)


def _expire_reservations(dependencies: Dependencies) -> int:
    return expire_overdue_reservations(dependencies, limit=500)


def _sender(number: int, ended: threading.Event) -> Task:
    # Hosts may share the beginning of their name, and containers the number of their process.
    holder = f"{socket.gethostname()[:12]}:{os.getpid()}:{secrets.token_hex(4)}:{number}"

    def run(dependencies: Dependencies) -> int:
        sent, end = 0, monotonic() + _DRAIN_SECONDS
        while not ended.is_set() and monotonic() < end:
            batch = send_due(dependencies, holder=holder, limit=_BATCH, is_ending=ended.is_set)
            sent += batch
            if batch == 0:
                break
        return sent

    return run
