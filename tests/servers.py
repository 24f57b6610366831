"""Private servers for the tests: PostgreSQL, Redis and the sandbox, each on a port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import redis
import requests

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 30


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

    def _launch(self, command: Sequence[str], **arguments: object) -> None:
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, **arguments
            )

    def _wait_until(self, is_ready: object, name: str) -> None:
        end = time.monotonic() + _START_SECONDS
        while not is_ready():  # type: ignore[operator]
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


class PrivateRedis(Server):
    def __init__(self) -> None:
        super().__init__("wxbackend-redis-")
        program = find_program("redis-server")
        self._launch(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            + ["--dir", str(self.folder)]
        )
        self._wait_until(self._answers, "Redis")

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class Sandbox(Server):
    """The fake platforms; `app_port` is where the application under test will listen."""

    def __init__(self, *, app_port: int | None = None, personas: Path | None = None) -> None:
        super().__init__("wxbackend-sandbox-")
        self.app_port = app_port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.app_url = f"http://127.0.0.1:{self.app_port}"
        command = [sys.executable, "-m", "scripts.sandbox", "--port", str(self.port)]
        command += ["--app-url", self.app_url, "--public-url", self.url]
        if personas is not None:
            command += ["--personas", str(personas)]
        self._launch(command)
        self._wait_until(self._answers, "the sandbox")
        self._session = requests.Session()
        self.credentials = self.get("/sandbox/credentials")

    def get(self, path: str, **params: str) -> object:
        return self._answer(self._session.get(self.url + path, params=params, timeout=10))

    def put(self, path: str, content: object) -> object:
        return self._answer(self._session.put(self.url + path, json=content, timeout=10))

    def post(self, path: str, content: object) -> object:
        return self._answer(self._session.post(self.url + path, json=content, timeout=30))

    def delete(self, path: str) -> None:
        self._session.delete(self.url + path, timeout=10).raise_for_status()

    def personas(self) -> list[dict[str, str]]:
        found = self.get("/sandbox/personas")
        return found if isinstance(found, list) else found["personas"]

    def messages(self, **filters: str) -> list[dict[str, object]]:
        found = self.get("/sandbox/messages", **filters)
        return found if isinstance(found, list) else found["messages"]

    def fault(self, target: str, kind: str, *, value: object = None, count: int = 1) -> None:
        self.put(f"/sandbox/faults/{target}", {"kind": kind, "value": value, "count": count})

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/sandbox/health", timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    @staticmethod
    def _answer(response: requests.Response) -> object:
        response.raise_for_status()
        return response.json() if response.content else None


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
