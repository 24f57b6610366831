"""How many notifications a second leave, by 1, 2 and 4 workers, and what of it is ours.

A PostgreSQL, a Redis and a sandbox of their own; texts by 移动云MAS and messages to 粤政易 members,
each to another person. The floor claims, posts and settles with bare psycopg and the same HTTP
client.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import requests

from scripts.bench_outbox_floor import Post, send_all
from scripts.bench_outbox_ground import (
    Ground,
    Worker,
    check_all_sent,
    count_rows,
    ground,
    put_letters,
    text_of,
    wait_until,
    wait_until_claimed,
    wait_until_sent,
)
from scripts.servers import ROOT
from wxbackend.config.settings import load_settings
from wxbackend.domain.notifications import NotificationKind
from wxbackend.gateways.interfaces.messages import MemberMessenger, ShortMessage, SmsSender
from wxbackend.gateways.mas import MasSender
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger
from wxbackend.services.outbox import send_due

MOST_OWN_MILLISECONDS = 3.0
LEAST_PART_OF_FLOOR = 0.5
_EXAMPLE = ROOT / "config.example.toml"
_WARM_UP = 20


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


# ---- ours --------------------------------------------------------------------------------------


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
    check_all_sent(made)
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
    running = [Worker(made.config) for _ in range(workers)]
    try:
        wait_until(lambda: count_rows(made, "SELECT count(*) FROM worker_process") >= workers)
        put_letters(made, _WARM_UP * workers, batch=f"warm{workers}")
        wait_until_sent(made)
        time.sleep(1)
        before = [worker.cpu_seconds() for worker in running]
        put_letters(made, messages, batch=f"run{workers}")
        wait_until_claimed(made)
        began = time.monotonic()
        wait_until_sent(made)
        seconds = time.monotonic() - began
        spent = sum(worker.cpu_seconds() for worker in running) - sum(before)
    finally:
        for worker in running:
            worker.stop()
    check_all_sent(made)
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
    add("--messages", type=int, default=3_000, help="messages of each run (3,000)")
    add("--workers", default="1,2,4", help="how many processes in each run (1,2,4)")
    return parser
