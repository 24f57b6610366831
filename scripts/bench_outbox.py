"""How many notifications a second leave, by 1, 2 and 4 workers, and what of it is ours.

A PostgreSQL, a Redis and a sandbox of their own; texts by 移动云MAS and messages to 粤政易 members,
each to another person. The floor claims, posts and settles with bare psycopg and the same HTTP
client.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import psycopg
import requests
from flask import Flask

from models import schema
from models.database import transaction
from scripts.bench_outbox_floor import Post, send_all
from scripts.servers import ROOT, PrivatePostgres, PrivateRedis, Server
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.gateways.interfaces.messages import MemberMessenger, ShortMessage, SmsSender
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.gateways.mas import MasSender
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue, send_due

MOST_OWN_MILLISECONDS = 3.0
LEAST_PART_OF_FLOOR = 0.5
_EXAMPLE = ROOT / "config.example.toml"
_WARM_UP = 20
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


@dataclass(frozen=True, slots=True)
class Run:
    """One way of sending: `milliseconds` of CPU a message in the sending processes."""

    who: str
    workers: int
    per_second: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Shares:
    """CPU and time of one message in one thread: the provider's call, and all the rest."""

    call_cpu: float
    own_cpu: float
    call_wall: float
    own_wall: float


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    numbers = [int(part) for part in asked.workers.split(",")]
    with ground() as made:
        shares = measure_shares(made, asked.messages // 3)
        print(_told(shares), flush=True)
        runs: list[Run] = []
        for workers in numbers:
            runs.append(measure_workers(made, workers=workers, messages=asked.messages))
            print(_line(runs[-1]), flush=True)
            runs.append(measure_floor(made, workers=workers, messages=asked.messages))
            print(_line(runs[-1]), flush=True)
    _judge(shares, runs)


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


class _Worker(Server):
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


# ---- ours --------------------------------------------------------------------------------------


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


def measure_shares(made: Ground, messages: int) -> Shares:
    """Send in this process and thread, with a clock around every call of a provider."""
    spent = _Clock()
    gateways = made.dependencies.gateways
    timed = replace(
        gateways,
        sms=tuple(cast(SmsSender, _Timed(sender, spent)) for sender in gateways.sms),
        members=cast(MemberMessenger, _Timed(gateways.members, spent)),
    )
    dependencies = replace(made.dependencies, gateways=timed)
    with made.app.app_context():
        put_letters(made, _WARM_UP, batch="warm")
        while send_due(dependencies, holder="bench", limit=20):
            pass
        put_letters(made, messages, batch="shares")
        spent.reset()
        whole = _Clock()
        with whole:
            while send_due(dependencies, holder="bench", limit=20):
                pass
    _check_all_sent(made)
    part = 1000 / messages
    return Shares(
        call_cpu=spent.cpu * part,
        own_cpu=(whole.cpu - spent.cpu) * part,
        call_wall=spent.wall * part,
        own_wall=(whole.wall - spent.wall) * part,
    )


class _Clock:
    """CPU of this thread and time, summed over the blocks it was around."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.cpu = self.wall = 0.0

    def __enter__(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu += time.thread_time() - self._cpu
        self.wall += time.perf_counter() - self._wall


class _Timed:
    """A gateway whose sends are timed."""

    def __init__(self, gateway: Any, clock: _Clock) -> None:
        self._gateway = gateway
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        return self._around(found) if name.startswith("send") else found

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*positional: Any, **named: Any) -> Any:
            with self._clock:
                return call(*positional, **named)

        return timed


def measure_workers(made: Ground, *, workers: int, messages: int) -> Run:
    running = [_Worker(made.config) for _ in range(workers)]
    try:
        _wait(lambda: _count(made, "SELECT count(*) FROM worker_process") >= workers)
        put_letters(made, _WARM_UP * workers, batch=f"warm{workers}")
        _wait_until_sent(made)
        time.sleep(1)
        before = [worker.cpu_seconds() for worker in running]
        put_letters(made, messages, batch=f"run{workers}")
        began = time.monotonic()
        _wait_until_sent(made)
        seconds = time.monotonic() - began
        spent = sum(worker.cpu_seconds() for worker in running) - sum(before)
    finally:
        for worker in running:
            worker.stop()
    _check_all_sent(made)
    return Run("workers", workers, messages / seconds, spent * 1000 / messages)


def measure_floor(made: Ground, *, workers: int, messages: int) -> Run:
    settings = load_settings([_EXAMPLE, made.config])
    yuezhengyi, tif = settings.yuezhengyi, settings.yuezhengyi.tif
    signer = TifSigner(tif.paas_id, tif.paas_token, upper_case=tif.signature_case == "upper")
    identity = {"corpid": yuezhengyi.corp_id, "corpsecret": yuezhengyi.corp_secret}
    found = requests.get(
        f"{yuezhengyi.base_url}/cgi-bin/gettoken", identity, headers=signer.headers(), timeout=10
    )
    to_members = f"{yuezhengyi.base_url}/cgi-bin/message/send"
    to_members += f"?access_token={found.json()['access_token']}"
    posts = []
    for number in range(messages):
        text = text_of(f"floor{workers}", number)
        if number % 2:
            posts.append(Post(to_members, _member_body(made, number, text), is_tif=True))
        else:
            call, body = _sms_request(made, number, text)
            posts.append(Post(f"{settings.sms.mas.base_url}/{call}", body, is_tif=False))
    threads = settings.jobs.sending_threads
    seconds, cpu = send_all(made.database, posts, signer, processes=workers, threads=threads)
    return Run("floor", workers, messages / seconds, cpu * 1000 / messages)


def _sms_request(made: Ground, number: int, text: str) -> tuple[str, bytes]:
    for sender in made.dependencies.gateways.sms:
        if isinstance(sender, MasSender):
            kind = NotificationKind.PASSAGE_CORRECTED
            return sender.request(ShortMessage(f"139{number:08}", kind, text, {}))
    raise LookupError("mas")


def _member_body(made: Ground, number: int, text: str) -> bytes:
    members = made.dependencies.gateways.members
    if not isinstance(members, YuezhengyiMessenger):
        raise LookupError("yuezhengyi")
    message = {"msgtype": "text", "text": {"content": text}}
    return members.body(message, f"floor-{number}", number)


def _wait_until_sent(made: Ground) -> None:
    """Asked of an index by one connection: the question must not weigh on what is measured."""
    query = "SELECT FROM notification WHERE state IN ('queued', 'sending') LIMIT 1"
    with psycopg.connect(made.database, autocommit=True) as connection:
        _wait(lambda: connection.execute(query.encode()).fetchone() is None)


def _check_all_sent(made: Ground) -> None:
    bad = _count(made, "SELECT count(*) FROM notification WHERE state <> 'sent'")
    if bad:
        raise SystemExit(f"{bad} notifications were not sent")


def _count(made: Ground, query: str) -> int:
    with psycopg.connect(made.database) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _wait(is_over: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while not is_over():
        if time.monotonic() > end:
            raise SystemExit("the workers did not come to an end")
        time.sleep(0.05)


# ---- what it says ------------------------------------------------------------------------------


def _told(shares: Shares) -> str:
    whole = shares.call_wall + shares.own_wall
    return (
        f"a message in one thread: the provider's call {shares.call_cpu:.2f} ms of CPU, "
        f"ours {shares.own_cpu:.2f} ms (aim: at most {MOST_OWN_MILLISECONDS:.0f}); of the time "
        f"{shares.call_wall / whole:.0%} is the call, {shares.own_wall / whole:.0%} ours"
    )


def _line(run: Run) -> str:
    return (
        f"{run.workers} x {run.who:<8}{run.per_second:8.0f} messages a second, "
        f"{run.milliseconds:.2f} ms of CPU each"
    )


def _judge(shares: Shares, runs: Sequence[Run]) -> None:
    for ours, floor in zip(runs[::2], runs[1::2], strict=True):
        part = ours.per_second / floor.per_second
        print(f"{ours.workers} workers reach {part:.0%} of the floor", end="")
        print(f" (aim: {LEAST_PART_OF_FLOOR:.0%})" if ours.workers == 4 else "")
    is_good = shares.own_cpu <= MOST_OWN_MILLISECONDS
    print(f"ours {'is' if is_good else 'is NOT'} within {MOST_OWN_MILLISECONDS:.0f} ms of CPU")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench outbox", description=__doc__)
    add = parser.add_argument
    add("--messages", type=int, default=1_500, help="messages of each run (1,500)")
    add("--workers", default="1,2,4", help="how many processes in each run (1,2,4)")
    return parser
