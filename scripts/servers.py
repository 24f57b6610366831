"""Private servers on ports of their own, for tests and measurements; each goes with its folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 90


class ServerMissing(RuntimeError):
    """A program that a test needs is not on this machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, *folders: str) -> str:
    """Raises: ServerMissing."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    if found is None:
        raise ServerMissing(name)
    return found


class Server:
    """A child process in a folder that goes with it."""

    def __init__(self, prefix: str) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Raises: LookupError before the start."""
        if self._process is None:
            raise LookupError("not started")
        return self._process.pid

    def _launch(
        self,
        command: Sequence[str],
        *,
        user: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, user=user, env=env
            )

    def _wait_until(self, is_ready: Callable[[], bool], name: str) -> None:
        end = time.monotonic() + _START_SECONDS
        while not is_ready():
            dead = self._process is not None and self._process.poll() is not None
            if dead or time.monotonic() > end:
                log = (self.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"{name} did not start:\n{log[-4000:]}")
            time.sleep(0.05)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class PrivatePostgres(Server):
    def __init__(self) -> None:
        super().__init__("wxbackend-postgres-")
        folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
        initdb = find_program("initdb", *folders)
        postgres = find_program("postgres", *folders)
        user = _unprivileged_user()
        data = self.folder / "data"
        if user is not None:
            self.folder.chmod(0o755)
            data.mkdir()
            os.chown(data, user, -1)
        subprocess.run(
            [initdb, "-D", str(data), "-U", "test", "--auth=trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            user=user,
            cwd="/",
        )
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"]
        options += ["-c", "unix_socket_directories=", "-c", "max_connections=200"]
        # Fast, not durable: the folder goes with the tests.
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        self._launch([postgres, "-D", str(data), *options], user=user)
        self._wait_until(lambda: _accepts(self.port), "PostgreSQL")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/{database}"

    def stop(self, how: int = signal.SIGINT) -> None:
        super().stop(how)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _unprivileged_user() -> int | None:
    """PostgreSQL refuses to run as root; then somebody without rights runs it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerMissing("a user other than root to run PostgreSQL")
