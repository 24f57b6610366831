"""A sign-in code goes at once, by whoever takes it first, and never after its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from tests.outbox_world import Row, rows
from tests.people import ACTOR
from wxbackend.domain.notifications import NotificationState as State
from wxbackend.jobs.soon import SoonRunner
from wxbackend.services.code_sign_in import send_code
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import heal, send_at_once, send_due
from wxbackend.services.visitors import load_visitor, open_anonymous_session

PHONE = "13900000001"


@pytest.fixture
def web(app, dependencies) -> Iterator[Dependencies]:
    """As in a web process: a thread stands by."""
    runner = SoonRunner(app.app_context, threads=1)
    yield replace(dependencies, run_soon=runner)
    runner._pool.shutdown()


def ask(story, dependencies: Dependencies, phone: str = PHONE) -> float:
    """Ask for a code; how many seconds the answer took."""
    now, policy = dependencies.clock(), dependencies.policy.sign_in
    visitor = load_visitor(
        open_anonymous_session(return_path="", now=now, policy=policy), now=now, policy=policy
    )
    began = time.monotonic()
    send_code(dependencies, visitor, phone=phone, actor=ACTOR)
    return time.monotonic() - began


@pytest.fixture
def lead(story):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", PHONE)
    return story


def the_code() -> Row:
    (row,) = rows()
    return row


def wait_until_settled() -> Row:
    end = time.monotonic() + 10
    while the_code().state in {State.QUEUED, State.SENDING} and time.monotonic() < end:
        time.sleep(0.02)
    return the_code()


def test_it_leaves_before_any_job_runs_and_the_answer_does_not_wait(lead, web, sandbox):
    sandbox.put("/sandbox/faults/sms.mas", {"kind": "slow", "value": 1.5, "count": 1})
    assert ask(lead, web) < 1
    assert sandbox.messages(channel="sms") == []
    assert wait_until_settled().state is State.SENT
    assert len(sandbox.messages(channel="sms")) == 1


def test_web_and_worker_at_once_send_it_once(lead, app, sandbox):
    dependencies = lead.dependencies
    ask(lead, dependencies)
    code_id, sent = the_code().id, []

    def send(turn: int) -> None:
        with app.app_context():
            if turn % 2:
                sent.append(send_due(dependencies, holder=f"worker:{turn}", limit=20))
            else:
                sent.append(send_at_once(dependencies, code_id))

    threads = [threading.Thread(target=send, args=[turn]) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(int, sent)) == 1
    assert len(sandbox.messages(channel="sms")) == 1


def test_without_the_web_process_the_outbox_sends_it(lead, sandbox):
    ask(lead, lead.dependencies)
    lead.send_all()
    assert len(sandbox.messages(channel="sms")) == 1


def test_it_has_one_more_round_and_no_third(lead, sandbox, clock):
    sandbox.fault("sms.mas", "http_500", count=100)
    ask(lead, lead.dependencies)
    lead.send_all()
    assert (the_code().state, the_code().attempts) == (State.QUEUED, 1)
    clock.advance(seconds=23)
    lead.send_all()
    assert (the_code().state, the_code().attempts) == (State.FAILED, 2)


@pytest.mark.parametrize(("seconds", "texts"), [(299, 1), (300, 0)])
def test_it_is_never_sent_after_its_five_minutes(lead, sandbox, clock, seconds, texts):
    ask(lead, lead.dependencies)
    clock.advance(seconds=seconds)
    assert send_at_once(lead.dependencies, the_code().id) is bool(texts)
    lead.send_all()
    heal(lead.dependencies)
    assert len(sandbox.messages(channel="sms")) == texts
    assert the_code().state is (State.SENT if texts else State.EXPIRED)


def test_what_ends_between_claim_and_call_is_not_sent(lead, sandbox, clock):
    from wxbackend.services import outbox

    ask(lead, lead.dependencies)
    _, (letter,) = outbox._claim(lead.dependencies, holder="slow", limit=5)
    clock.advance(seconds=300)
    outbox._send_one(lead.dependencies, letter, holder="slow")
    assert the_code().state is State.EXPIRED
    assert sandbox.get("/sandbox/calls", target="sms.mas") == []


def test_too_many_tasks_are_left_to_the_jobs(app):
    done: list[int] = []
    runner, gate = SoonRunner(app.app_context, threads=1), threading.Event()
    runner(gate.wait)
    for number in range(300):
        runner(partial(done.append, number))
    gate.set()
    runner._pool.shutdown()
    assert done == list(range(99))
    runner(lambda: done.append(-1))  # after the end: nothing, and no error
    assert done[-1] == 98


def test_a_task_that_fails_does_not_end_the_thread(app):
    runner, done = SoonRunner(app.app_context, threads=1), threading.Event()
    runner(lambda: 1 // 0)
    runner(done.set)
    assert done.wait(5)
    runner._pool.shutdown()
