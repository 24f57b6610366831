"""The application as a process of its own, for browsers and for several processes at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

from tests.configuration import EXAMPLE
from tests.servers import Server


class LiveApp(Server):
    """gunicorn on the port that the sandbox expects, with the settings of one TOML file."""

    def __init__(
        self, config: Path, *, port: int, workers: int = 1, options: Sequence[str] = ()
    ) -> None:
        super().__init__("wxbackend-app-")
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--no-control-socket"]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
        command += ["--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "2"]
        self._launch([*command, *options], env=environment_for(config))
        self._wait_until(self._is_ready, "the application")

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


class LiveWorker(Server):
    """`python -m scripts.worker`, to be killed at will."""

    def __init__(self, config: Path, *, command: Sequence[str] = ()) -> None:
        super().__init__("wxbackend-worker-")
        self._launch(
            [sys.executable, "-m", "scripts.worker", *command], env=environment_for(config)
        )

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def environment_for(config: Path) -> dict[str, str]:
    return os.environ | {"WXBACKEND_CONFIG": os.pathsep.join([str(EXAMPLE), str(config)])}
