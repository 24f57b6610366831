"""Serves the sandbox with gunicorn: one process for the memory, many threads for the waiting."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from wxbackend.sandbox.app import create_app
from wxbackend.sandbox.options import Options

THREADS = 32
BACKLOG = 1024
KEEP_ALIVE_SECONDS = 75


class Server(BaseApplication):  # type: ignore[misc]
    """Made before the fork, so that a bad start is an error and not a worker that dies again."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._app = create_app(options)
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{_bracketed(self._options.host)}:{self._options.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "backlog": BACKLOG,
            "keepalive": KEEP_ALIVE_SECONDS,
            "timeout": 0,
            "graceful_timeout": 2,
            "control_socket_disable": True,
            "loglevel": "error",
            "accesslog": "-" if self._options.access_log else None,
            "post_worker_init": self._announce,
            "worker_exit": _leave,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _announce(self, _worker: Any) -> None:
        """Say that calls are answered now, and from now on stop at once when told to."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, _stop)
        sys.stdout.write(f"sandbox ready at {self._options.public_url}\n")
        sys.stdout.flush()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _stop(_number: int, _frame: object) -> None:
    """Leave without waiting: a call held by a fault must not keep the process."""
    os._exit(0)


def _leave(_server: Any, worker: Any) -> None:
    """Leave likewise when the parent process is gone."""
    if worker.booted:
        os._exit(0)


def serve(options: Options) -> None:
    Server(options).run()
