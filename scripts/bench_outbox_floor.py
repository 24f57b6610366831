"""The least that a sender can do: claim, post, settle, with bare psycopg and `requests`."""

from __future__ import annotations

import multiprocessing
import resource
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from wxbackend.gateways.http import plain_session
from wxbackend.gateways.tif import TifSigner

_BATCH = 20
_TIMEOUT_SECONDS = 10
_TABLE = """
DROP TABLE IF EXISTS floor;
CREATE TABLE floor (id int PRIMARY KEY, url text NOT NULL, is_tif bool NOT NULL,
    body bytea NOT NULL, state text NOT NULL DEFAULT 'queued', leased_until timestamptz,
    answer text);
CREATE INDEX ON floor (state, id)
"""
_CLAIM = """
UPDATE floor SET leased_until = now() + interval '60 s' WHERE id IN (
    SELECT id FROM floor WHERE state = 'queued' AND (leased_until IS NULL OR leased_until < now())
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, url, is_tif, body
"""
_SETTLE = "UPDATE floor SET state = 'sent', leased_until = NULL, answer = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Post:
    """A ready request; with the provincial gateway's headers, which are signed at each call."""

    url: str
    body: bytes
    is_tif: bool


def send_all(
    database: str, posts: Sequence[Post], signer: TifSigner, *, processes: int, threads: int
) -> tuple[float, float]:
    """Seconds from the first claim to the last settlement, and CPU seconds of all processes."""
    with psycopg.connect(database) as connection:
        _fill(connection, posts)
    spawn = multiprocessing.get_context("spawn")
    ready, results = spawn.Barrier(processes + 1), spawn.Queue()
    arguments = (database, signer, threads, ready, results)
    children = [spawn.Process(target=_process, args=arguments) for _ in range(processes)]
    for child in children:
        child.start()
    ready.wait()
    began = time.monotonic()
    spent = [results.get() for _ in children]
    seconds = time.monotonic() - began
    for child in children:
        child.join()
    with psycopg.connect(database) as connection:
        left = connection.execute("SELECT count(*) FROM floor WHERE state <> 'sent'").fetchone()
        connection.execute("DROP TABLE floor")
    if left != (0,):
        raise SystemExit("the floor did not send everything")
    return seconds, sum(spent)


def _fill(connection: psycopg.Connection, posts: Sequence[Post]) -> None:
    connection.execute(_TABLE)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY floor (id, url, is_tif, body) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int4", "text", "bool", "bytea"])
        for number, post in enumerate(posts):
            copy.write_row((number, post.url, post.is_tif, post.body))


def _process(database: str, signer: TifSigner, threads: int, ready: Any, results: Any) -> None:
    working = [threading.Thread(target=_work, args=(database, signer)) for _ in range(threads)]
    ready.wait()
    before = _cpu_seconds()
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    results.put(_cpu_seconds() - before)


def _work(database: str, signer: TifSigner) -> None:
    session = plain_session()
    plain = {"Content-Type": "application/json"}
    with psycopg.connect(database, autocommit=True) as connection:
        while batch := connection.execute(_CLAIM, [_BATCH]).fetchall():
            for number, url, is_tif, body in batch:
                headers = {**plain, **signer.headers()} if is_tif else plain
                answer = session.post(url, data=body, headers=headers, timeout=_TIMEOUT_SECONDS)
                content = answer.json()
                if content.get("errcode") != 0 and content.get("success") is not True:
                    raise SystemExit(f"the sandbox refused: {content}")
                connection.execute(_SETTLE, [content.get("msgid") or content["msgGroup"], number])


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
