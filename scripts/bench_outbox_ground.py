"""What senders are measured on: servers of their own, workers, and notifications to send."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import requests
from flask import Flask

from models import schema
from models.database import transaction
from scripts.servers import ROOT, PrivatePostgres, PrivateRedis, Server
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue

_EXAMPLE = ROOT / "config.example.toml"
_WAIT_SECONDS = 300.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Ground:
    """The servers, bound to an application in this process; `database` is for psycopg."""

    app: Flask
    config: Path
    database: str

    @property
    def dependencies(self) -> Dependencies:
        found: Dependencies = self.app.extensions["wxbackend"]
        return found


@contextmanager
def ground() -> Iterator[Ground]:
    """PostgreSQL, Redis and the sandbox, with an empty district; they go with the block."""
    servers: list[Server] = []
    try:
        with TemporaryDirectory(prefix="wxbackend-bench-") as folder:
            servers += [postgres := PrivatePostgres(), redis := PrivateRedis()]
            servers.append(sandbox := _Sandbox())
            schema.upgrade(postgres.url())
            config = _settings(Path(folder), postgres.url(), redis.url(), sandbox.url)
            app = create_app(load_settings([_EXAMPLE, config]), with_web=False)
            yield Ground(app, config, postgres.url().replace("+psycopg", ""))
    finally:
        for server in servers:
            server.stop()


class _Sandbox(Server):
    def __init__(self) -> None:
        super().__init__("wxbackend-bench-sandbox-")
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "scripts.sandbox", "--port", str(self.port)]
        self._launch([*command, "--receipts-path", ""])
        self._wait_until(self._answers, "the sandbox")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/sandbox/health", timeout=2).ok
        except requests.RequestException:
            return False


class Worker(Server):
    """`python -m scripts.worker`."""

    def __init__(self, config: Path) -> None:
        super().__init__("wxbackend-bench-worker-")
        paths = os.pathsep.join([str(_EXAMPLE), str(config)])
        environment = os.environ | {"WXBACKEND_CONFIG": paths}
        self._launch([sys.executable, "-m", "scripts.worker"], env=environment)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


def _settings(folder: Path, database: str, redis: str, sandbox: str) -> Path:
    create_key_file(folder / "keys.toml")
    content = {
        "database.url": database,
        "storage.shared_store_url": redis,
        "storage.files_folder": str(folder / "files"),
        "storage.key_file": str(folder / "keys.toml"),
        "jobs.embedded": False,
        "yuezhengyi.base_url": f"{sandbox}/ebus/yzyapi",
        "sms.mas.base_url": f"{sandbox}/sms",
        "sms.mas2.base_url": f"{sandbox}/sms-2",
        "sms.tencent.base_url": sandbox,
        "sms.providers": ["tencent", "mas", "mas2"],
    }
    path = folder / "bench.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items()))
    return path


def put_letters(made: Ground, count: int, *, batch: str) -> None:
    """So many notifications, every second one an SMS, each to another person."""
    with made.app.app_context(), transaction() as session:
        now = made.dependencies.clock()
        for number in range(count):
            is_sms = number % 2 == 0
            address = f"139{number:08}" if is_sms else f"member-{number}"
            letter = Letter(
                event=f"{batch}:{number}",
                recipient=address,
                channel=Channel.SMS if is_sms else Channel.YUEZHENGYI,
                kind=NotificationKind.PASSAGE_CORRECTED,
                address=address,
                content={"text": text_of(batch, number)},
                not_after=now + timedelta(hours=24),
            )
            enqueue(session, letter, now=now)


def text_of(batch: str, number: int) -> str:
    return f"{batch} {number}: the passage of 2022-04-22 12:00 at checkpoint 3 was corrected."


def wait_until_claimed(made: Ground) -> None:
    """The floor's clock begins with the first claim too, not with the turn that it waits for."""
    of_state = "EXISTS (SELECT FROM notification WHERE state = '{}')"
    none_begun = f"SELECT WHERE {of_state.format('queued')} AND NOT {of_state.format('sending')}"
    _wait_while(made, none_begun.encode())


def wait_until_sent(made: Ground) -> None:
    _wait_while(made, b"SELECT FROM notification WHERE state IN ('queued', 'sending') LIMIT 1")


def _wait_while(made: Ground, query: bytes) -> None:
    """Asked of an index by one connection: the question must not weigh on what is measured."""
    with psycopg.connect(made.database, autocommit=True) as connection:
        wait_until(lambda: connection.execute(query).fetchone() is None)


def check_all_sent(made: Ground) -> None:
    bad = count_rows(made, "SELECT count(*) FROM notification WHERE state <> 'sent'")
    if bad:
        raise SystemExit(f"{bad} notifications were not sent")


def count_rows(made: Ground, query: str) -> int:
    with psycopg.connect(made.database) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def wait_until(is_over: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while not is_over():
        if time.monotonic() > end:
            raise SystemExit("the workers did not come to an end")
        time.sleep(0.02)
