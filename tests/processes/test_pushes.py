"""Pushes to four processes that share a Redis: each is handled once over three deliveries."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from models.accounts import Binding, begin_binding, find_account, find_wechat_user
from models.database import reading, transaction
from tests.pushing import PATH, a_moment, event_of, push, text_of, words_in
from tests.servers import PrivateRedis

SCANS = 12


@pytest.fixture
def redis_config(config: Path, is_postgresql: bool) -> Iterator[Path]:
    """The settings with a Redis, which a run on SQLite does not have."""
    if is_postgresql:
        yield config
        return
    redis = PrivateRedis()
    lines = config.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("storage.shared_store_url")]
    config.write_text("\n".join([*kept, f'storage.shared_store_url = "{redis.url()}"', ""]))
    yield config
    redis.stop()


def guard_in_wechat(story) -> str:
    guard, scope = story.guard(), story.driver()
    with transaction() as session:
        user = find_wechat_user(session, scope.wechat_user_id)
        account = find_account(session, guard.member.account_name)
        now = story.dependencies.clock()
        begin_binding(
            session, Binding(wechat_user_id=user.id, account_id=account.id, created_at=now)
        )
        return user.openid


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_push_is_handled_once_by_four_workers(story, redis_config, live_app):
    openid = guard_in_wechat(story)
    codes = [story.reserve().token for _ in range(2)]
    app, begun = live_app(4), a_moment()
    events = [
        event_of(
            openid,
            "scancode_waitmsg",
            EventKey="GATE_SCAN",
            CreateTime=begun + number,
            ScanCodeInfo={"ScanResult": f"{app.url}/P/{codes[number % 2]}"},
        )
        for number in range(SCANS)
    ]
    events += [text_of(openid, "帮助") for _ in range(SCANS)]
    deliveries = [(number, event) for number, event in enumerate(events) for _ in range(3)]
    random.Random(7).shuffle(deliveries)

    def deliver(one: tuple[int, dict[str, object]]) -> tuple[int, int, str, float]:
        number, event = one
        ready = push(event, datetime.now(UTC))
        began = time.monotonic()
        answer = requests.post(
            f"{app.url}{PATH}",
            params=ready.query,
            data=ready.body,
            headers={**ready.headers, "Connection": "close"},
            timeout=10,
        )
        return number, answer.status_code, answer.text, time.monotonic() - began

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(deliver, deliveries))

    assert {status for _, status, _, _ in answers} == {200}
    said: dict[int, set[str]] = {number: set() for number in range(len(events))}
    for number, _, body, _ in answers:
        said[number].add(words_in(body))
    assert all(len(found) == 1 and found != {""} for found in said.values())
    assert max(seconds for *_, seconds in answers) < 5
    with reading() as session:
        scans = session.scalar(text("SELECT count(*) FROM scan"))
        audited = session.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'scan'"))
    assert (scans, audited) == (SCANS, SCANS)
    log = app.log()
    assert openid not in log
    assert not any(code in log for code in codes)
