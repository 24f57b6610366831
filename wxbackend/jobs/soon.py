"""What a request leaves behind to be done at once: a few threads of the web process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from wxbackend.jobs.turns import AppContext
from wxbackend.logs import request_id

_log = logging.getLogger(__name__)
_MOST_WAITING = 100


class SoonRunner:
    """Does tasks in threads of this process, which begin with the first task: after a fork.

    What comes when too many wait, or when the process ends, is left undone: the jobs find it. What
    was taken is finished before the process ends, unless it is killed.
    """

    def __init__(self, in_context: AppContext, *, threads: int) -> None:
        self._in_context = in_context
        self._places = threading.BoundedSemaphore(_MOST_WAITING)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="soon")

    def __call__(self, task: Callable[[], object]) -> None:
        if not self._places.acquire(blocking=False):
            return
        try:
            self._pool.submit(self._run, task, request_id.get())
        except RuntimeError:  # the process is ending
            self._places.release()

    def _run(self, task: Callable[[], object], of_request: str) -> None:
        token = request_id.set(of_request)
        try:
            with self._in_context():
                task()
        except Exception:  # noqa: BLE001 - the edge of a thread: the jobs will do it
            _log.exception("task failed")
        finally:
            request_id.reset(token)
            self._places.release()
