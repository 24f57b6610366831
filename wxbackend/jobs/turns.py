"""A job's turn: run it, and write down what came of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from wxbackend.gateways.errors import GatewayError
from wxbackend.jobs.schedule import Job
from wxbackend.logs import request_id
from wxbackend.services import jobs
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.office_settings import refresh_policy

_log = logging.getLogger(__name__)
AppContext = Callable[[], AbstractContextManager[object]]
_MINUTE_SECONDS = 60


class TurnTaker:
    """One job in one thread of this process; APScheduler calls `take`.

    `may_run` is asked before every turn: a leader that has lost its lock does nothing any more.
    """

    def __init__(
        self,
        in_context: AppContext,
        dependencies: Dependencies,
        job: Job,
        *,
        process: str,
        may_run: Callable[[], bool],
    ) -> None:
        self.job = job
        self._in_context = in_context
        self._dependencies = dependencies
        self._process = process
        self._may_run = may_run
        self._minute = _Minute()
        self._running = threading.Event()
        self._told_at: dict[str, float] = {}

    @property
    def is_running(self) -> bool:
        return self._running.is_set()

    def write_next_turn_down(self) -> None:
        """Somebody waits to see it."""
        self._minute.is_awaited = True

    def take(self) -> None:
        if not self._may_run():
            return
        token = request_id.set(f"job:{self.job.id}")
        self._running.set()
        try:
            if self.job.trigger.is_frequent:
                self._take_frequent()
            else:
                self._take_rare()
        except Exception as error:  # noqa: BLE001 - the process's edge: the schedule must go on
            self._tell("job not written down", error)
        finally:
            self._running.clear()
            request_id.reset(token)

    def _take_rare(self) -> None:
        with self._in_context():
            begun = jobs.begin_turn(self._dependencies, self.job.line, process=self._process)
        if begun is None:
            return
        turn = self._run()
        with self._in_context():
            jobs.end_turn(self.job.line, turn, begun)

    def _take_frequent(self) -> None:
        turn = self._run()
        minute = self._minute
        if not minute.is_to_be_written(turn):
            return
        with self._in_context():
            run_id = jobs.note_turns(
                self.job.line,
                turn,
                process=self._process,
                run_id=minute.row_for(turn),
                is_worth_a_row=bool(turn.count or turn.error_kind),
            )
        minute.written(turn, run_id)

    def _run(self) -> jobs.Turn:
        clock = self._dependencies.clock
        began, count, error_kind = clock(), 0, ""
        try:
            with self._in_context():
                refresh_policy(self._dependencies)
                count = self.job.run(self._dependencies)
            if count:
                _log.info("job done", extra={"job": self.job.id, "count": count})
        except Exception as error:  # noqa: BLE001 - whatever it was, the next turn comes
            error_kind = _kind_of(error)
            self._tell("job failed", error)
        return jobs.Turn(began, clock(), count, error_kind)

    def _tell(self, event: str, error: Exception) -> None:
        """Log it: the same mistake once a minute, not every second of an outage."""
        key, now = f"{event} {_kind_of(error)}", time.monotonic()
        if now - self._told_at.get(key, -_MINUTE_SECONDS) >= _MINUTE_SECONDS:
            self._told_at[key] = now
            _log.error(event, extra={"job": self.job.id}, exc_info=error)


class _Minute:
    """What a frequent job has written down lately: not a row for each of its turns."""

    def __init__(self) -> None:
        self.is_awaited = True
        self._written_at = 0.0
        self._error_kind = ""
        self._run_id: int | None = None
        self._row_began = 0.0

    def is_to_be_written(self, turn: jobs.Turn) -> bool:
        """What did something, what failed, the first good turn after it, and one a minute."""
        return bool(
            self.is_awaited
            or turn.count
            or turn.error_kind != self._error_kind
            or time.monotonic() - self._written_at >= _MINUTE_SECONDS
            or turn.error_kind
        )

    def row_for(self, turn: jobs.Turn) -> int | None:
        is_over = time.monotonic() - self._row_began >= _MINUTE_SECONDS
        return None if is_over or turn.error_kind != self._error_kind else self._run_id

    def written(self, turn: jobs.Turn, run_id: int | None) -> None:
        now = time.monotonic()
        if run_id != self._run_id:
            self._run_id, self._row_began = run_id, now
        self._written_at, self._error_kind, self.is_awaited = now, turn.error_kind, False


def _kind_of(error: Exception) -> str:
    """The error's class, and what an outside system called it; never its text."""
    name = type(error).__name__
    return f"{name} {error.system} {error.code}" if isinstance(error, GatewayError) else name
