"""Workers are killed, the database goes away, digests fall due: nothing is lost, nothing doubled.

Real processes on PostgreSQL. On SQLite, where one process works, test_killed_worker.py does it.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models import schema
from models.database import reading, transaction
from models.digests import Digest
from models.enterprises import AlertRecipient, Audience
from models.notifications import Notification, NotificationStep
from tests.live import LiveWorker
from tests.outbox_world import UNDER_WAY, OutboxWorld, arrived, rows, sms, to_member
from tests.servers import PrivatePostgres
from wxbackend.domain.moments import to_local
from wxbackend.domain.notifications import NotificationState

WORKERS, KILLS = 4, 20
PORTION = 50  # letters of each channel that are put before each kill
EACH = KILLS * PORTION
# After these many kills the database is stopped in order, and then as by a crash.
RESTARTS = {7: signal.SIGINT, 14: signal.SIGQUIT}
MISSED, DUE = 4, 2
TASK_FORCE = ("force-1", "force-2")
_S = NotificationState

SETTINGS = """
jobs.watch_every = "1s"
notifications.lease = "5s"
notifications.retry_pauses = ["1s", "2s", "5s", "10s"]
sms.mas.timeout = "2s"
yuezhengyi.timeout = "2s"
digests.settle = "2s"
"""
# Of many calls a few fail in each of these ways.
FAULTS = [
    ("yuezhengyi", "timeout_after_effect", 2.5, 5),
    ("sms.mas", "http_500", None, 20),
    ("yuezhengyi", "errcode", -1, 10),
    ("sms.mas", "timeout_after_effect", 2.5, 2),
    ("yuezhengyi", "errcode", 42001, 1),
    ("yuezhengyi", "http_500", None, 10),
]


@pytest.fixture
def postgres(is_postgresql):
    if not is_postgresql:
        pytest.skip("runs with --database postgresql")
    server = PrivatePostgres(outlives_crashes=True)
    yield server
    server.stop()


@pytest.fixture
def database_url(postgres):
    """A server of this test's own, to be stopped at will."""
    schema.upgrade(postgres.url())
    return postgres.url()


@dataclass
class Crowd:
    """Workers of which some are always being killed."""

    config: Path
    chance: random.Random
    workers: list[LiveWorker] = field(default_factory=list)
    started: dict[int, float] = field(default_factory=dict)
    kills: int = 0

    def fill(self) -> None:
        while len(self.workers) < WORKERS:
            self.workers.append(LiveWorker(self.config))
            self.started[self.workers[-1].pid] = time.monotonic()

    def kill_one(self) -> None:
        """One that had time to begin its work."""
        oldest_first = sorted(self.workers, key=lambda worker: self.started[worker.pid])
        victim = self.chance.choice(oldest_first[:2])
        victim.stop(signal.SIGKILL)
        self.workers.remove(victim)
        self.kills += 1

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop(signal.SIGKILL)


@pytest.fixture
def crowd(config):
    crowd = Crowd(config, random.Random())
    yield crowd
    crowd.stop()


def digest_moments() -> list[datetime]:
    """Ends of windows: some minutes that are over, and the next ones."""
    now = to_local(datetime.now().astimezone())
    first_due = (now + timedelta(seconds=65)).replace(second=0, microsecond=0)
    return [first_due + timedelta(minutes=number) for number in range(-MISSED, DUE)]


def begin_district(dependencies, story, began: datetime) -> None:
    """Its first reservation is older than the first window's end; who gets the digests."""
    story.submit(story.driver())
    with transaction() as session:
        for member_id in TASK_FORCE:
            session.add(
                AlertRecipient(
                    audience=Audience.TASK_FORCE,
                    name=member_id,
                    member_id=member_id,
                    member_hash=member_id,
                    created_at=began,
                )
            )


def newest_message(sandbox) -> int:
    found = sandbox.messages(limit="1")
    return int(found[-1]["id"]) if found else 0


def wait_until_settled(digests: int) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        with reading() as session:
            left = session.query(Notification).filter(Notification.state.in_(UNDER_WAY)).count()
            if left == 0 and session.query(Digest).count() >= digests:
                return
        time.sleep(0.5)


def wait_for_more(sandbox, more: int) -> None:
    """Until somebody sends: however slow the machine is, no kill comes before the work."""
    before, end = newest_message(sandbox), time.monotonic() + 90
    while newest_message(sandbox) < before + more:
        assert time.monotonic() < end, "nobody sends"
        time.sleep(0.02)


def wreak_havoc(crowd: Crowd, world: OutboxWorld, postgres, *, seconds: float) -> None:
    """Kill workers while they send, and restart the database between, for at least so long."""
    began, sandbox = time.monotonic(), world.sandbox
    for number in range(KILLS):
        crowd.fill()
        portion = range(number * PORTION, (number + 1) * PORTION)
        world.put(letter for n in portion for letter in (sms(n), to_member(n)))
        wait_for_more(sandbox, crowd.chance.randint(5, PORTION))
        crowd.kill_one()
        if number % 3 == 0:
            target, kind, value, count = FAULTS[number // 3 % len(FAULTS)]
            sandbox.fault(target, kind, value=value, count=count)
        if crowd.kills in RESTARTS:
            postgres.restart(RESTARTS[crowd.kills])
        time.sleep(max(0.0, began + seconds * crowd.kills / KILLS - time.monotonic()))
    crowd.fill()


@pytest.mark.slow
@pytest.mark.timeout(900)  # a worker takes seconds to start where the cores are busy
def test_kills_and_restarts_lose_and_double_nothing(
    postgres, dependencies, story, clock, sandbox, config, crowd
):
    moments = digest_moments()
    began = moments[0] - timedelta(minutes=3)
    clock.now = began
    begin_district(dependencies, story, began)
    times = ", ".join(f'"{to_local(moment):%H:%M}"' for moment in moments)
    config.write_text(f"{config.read_text()}{SETTINGS}digests.times = [{times}]\n")
    clock.now = datetime.now().astimezone()
    until_last = (moments[-1] - clock.now).total_seconds()

    wreak_havoc(crowd, OutboxWorld(dependencies, sandbox, clock), postgres, seconds=until_last + 5)
    wait_until_settled(len(moments))
    crowd.stop()

    assert crowd.kills == KILLS
    with reading() as session:
        died = session.query(NotificationStep).filter_by(code="process_died").count()
    assert died > 0, "no kill came amid a call"
    check_letters(sandbox)
    check_digests(sandbox, moments)


def check_letters(sandbox) -> None:
    """Each is accounted for, and the inbox agrees."""
    letters = [row for row in rows() if row.event.startswith("test:")]
    texts, members = arrived(sandbox, "sms"), arrived(sandbox, "yuezhengyi")
    found = Counter((row.channel.value, row.state) for row in letters)
    assert sum(found.values()) == 2 * EACH
    assert found["yuezhengyi", _S.SENT] == EACH, found
    assert found["sms", _S.SENT] + found["sms", _S.UNKNOWN] == EACH, found
    assert max(texts.values()) == 1
    assert {members[f"member-{number}"] for number in range(EACH)} == {1}
    for row in letters:
        if row.state is _S.SENT:
            assert texts[row.address] + members[row.address] == 1, row


def check_digests(sandbox, moments: list[datetime]) -> None:
    """Every window once, one after the other, and one message to each recipient about each."""
    with reading() as session:
        digests = session.scalars(select(Digest).order_by(Digest.ends_at)).all()
        assert [digest.ends_at for digest in digests] == moments
        starts = [digest.starts_at for digest in digests]
        assert starts[1:] == moments[:-1]
    told = [row for row in rows() if row.event.startswith("digest:")]
    assert Counter(row.state for row in told) == {_S.SENT: len(TASK_FORCE) * len(moments)}
    for member_id in TASK_FORCE:
        messages = sandbox.messages(channel="yuezhengyi", to=member_id)
        assert len({str(message["text"]) for message in messages}) == len(messages) == len(moments)
