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

import redis

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
    """`outlives_crashes`: what was committed is there after `restart`, however it was stopped."""

    def __init__(self, *, outlives_crashes: bool = False) -> None:
        super().__init__("wxbackend-postgres-")
        folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
        initdb = find_program("initdb", *folders)
        postgres = find_program("postgres", *folders)
        self._asks = [find_program("pg_isready", *folders), "-q", "-h", "127.0.0.1"]
        self._user = user = _unprivileged_user()
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
        options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        if not outlives_crashes:
            options += ["-c", "synchronous_commit=off"]
        self._command = [postgres, "-D", str(data), *options]
        self._start()

    def _start(self) -> None:
        self._launch(self._command, user=self._user)
        self._wait_until(self._is_ready, "PostgreSQL")

    def restart(self, how: int = signal.SIGINT) -> None:
        """Stop it, by SIGINT in order or by SIGQUIT as a crash would, and start it again."""
        if self._process is None:
            raise LookupError("not started")
        self._process.send_signal(how)
        self._process.wait(_START_SECONDS)
        self._start()

    def _is_ready(self) -> bool:
        """It accepts connections a moment before it answers them."""
        return subprocess.run([*self._asks, "-p", str(self.port)], check=False).returncode == 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/{database}"

    def stop(self, how: int = signal.SIGINT) -> None:
        super().stop(how)


class PrivateRedis(Server):
    def __init__(self) -> None:
        super().__init__("wxbackend-redis-")
        command = [find_program("redis-server"), "--port", str(self.port), "--save", ""]
        self._launch([*command, "--bind", "127.0.0.1", "--dir", str(self.folder)])
        self._wait_until(self._answers, "Redis")

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


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
