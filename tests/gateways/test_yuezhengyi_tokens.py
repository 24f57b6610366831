"""One token of 粤政易 for all threads and processes, fetched once an expiry."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.yuezhengyi_room import (
    NO_TIF,
    PREFIXES,
    account_of,
    calls,
    inbox,
    messenger_at,
    sealed_files,
    text,
)
from wxbackend.domain.notifications import Answer
from wxbackend.gateways.shared_store import MemoryStore, RedisStore
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger


def send_from_twenty_threads(members: YuezhengyiMessenger, first: int) -> int:
    with ThreadPoolExecutor(20) as pool:
        told = pool.map(
            lambda number: members.send_text(member_id=f"m{number}", text="到了", reference=number),
            range(first, first + 20),
        )
        return sum(outcome.answer is Answer.ACCEPTED for outcome in told)


def test_twenty_threads_fetch_one_token_an_expiry(sandbox, members):
    assert send_from_twenty_threads(members, 0) == 20
    sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})
    assert send_from_twenty_threads(members, 100) == 20
    assert len(calls(sandbox, "gettoken")) == 2
    assert len(inbox(sandbox)) == 40


def in_a_process(url: str, redis_url: str, account: dict[str, Any], folder: str, first: int) -> int:
    store, files = RedisStore(redis_url), sealed_files(Path(folder))
    members = messenger_at(url, account, store, files, NO_TIF)
    return send_from_twenty_threads(members, first)


def test_four_processes_fetch_one_token_an_expiry(sandbox, shared_store_url, tmp_path):
    if not shared_store_url:
        pytest.skip("runs with --database postgresql")
    RedisStore(shared_store_url)._redis.flushdb()
    url = sandbox.url + PREFIXES["plain"]
    with get_context("spawn").Pool(4) as pool:
        for round_number in (1, 2):
            arguments = [
                (url, shared_store_url, account_of(sandbox), str(tmp_path), place)
                for place in range(1000 * round_number, 1000 * round_number + 400, 100)
            ]
            assert sum(pool.starmap(in_a_process, arguments)) == 80
            assert len(calls(sandbox, "gettoken")) == round_number
            sandbox.post("/sandbox/tokens/invalidate", {"target": "yuezhengyi"})


def test_a_token_is_renewed_before_it_ends(sandbox, make):
    store = MemoryStore()
    members = make(store)
    began = time.monotonic()
    text(members, "一", 1)
    (_, (_, ends)) = next(iter(store._values.items()))
    assert 6000 < ends - began < 7200
