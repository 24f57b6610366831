"""Sends things a little later, in the background."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from threading import Lock, Thread

RUNNERS = 4
MOST_WAITING = 5_000

Errand = Callable[[], object]


class Courier:
    """A few daemon threads, started with the first errand: a fork before that costs nothing."""

    def __init__(self) -> None:
        self._errands: queue.Queue[tuple[int, float, Errand]] = queue.Queue(MOST_WAITING)
        self._lock = Lock()
        self._started = False
        self._round = 0

    def send(self, errand: Errand, *, delay_seconds: float = 0.0) -> bool:
        """Queue an errand; False when too many wait already and this one is left out."""
        self._start()
        try:
            self._errands.put_nowait((self._round, time.monotonic() + delay_seconds, errand))
        except queue.Full:
            return False
        return True

    def forget(self) -> None:
        """Let what still waits go unsent."""
        self._round += 1

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                for _ in range(RUNNERS):
                    Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            sent_in, due_at, errand = self._errands.get()
            time.sleep(max(0.0, due_at - time.monotonic()))
            if sent_in == self._round:
                errand()
