"""The digest: exactly once a window, its words and counts, the file, and who may open the link."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import openpyxl
import pytest

from models.database import reading, transaction
from models.digests import Digest
from models.enterprises import AlertRecipient, Audience
from models.notifications import Notification
from tests.conftest import TestClock
from tests.people import resident_id
from tests.stories import Story
from wxbackend.domain.digests import Window
from wxbackend.domain.moments import DISTRICT_TIME
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.reservation import Verdict
from wxbackend.services.digest_files import write_digest_file
from wxbackend.services.digests import make_due_digests


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2022, 4, day, hour, minute, second, tzinfo=DISTRICT_TIME)


@pytest.fixture
def story(dependencies, sandbox, clock) -> Story:
    clock.now = at(21, 17)
    return Story(dependencies, sandbox)


@pytest.fixture
def task_force(story, sandbox):
    with transaction() as session:
        for number in (1, 2):
            session.add(
                AlertRecipient(
                    audience=Audience.TASK_FORCE,
                    name=f"专班{number}",
                    member_id=f"force-{number}",
                    member_hash=f"force-{number}",
                    created_at=story.dependencies.clock(),
                )
            )


def pass_at(story: Story, moment: datetime, verdict: Verdict = Verdict.ALLOWED, **changes) -> None:
    """One truck at the gate at this moment."""
    clock = cast(TestClock, story.dependencies.clock)
    clock.now = moment - timedelta(minutes=1)
    guard = story.guard()
    reserved = story.reserve(**changes)
    scan = story.scan(guard, reserved.token)
    clock.now = moment
    story.decide(guard, scan, verdict, "体温异常" if verdict is Verdict.DENIED else "")


def digests() -> list[tuple[datetime, int, int]]:
    with reading() as session:
        rows = session.query(Digest).order_by(Digest.ends_at).all()
        return [
            (row.ends_at.astimezone(DISTRICT_TIME), row.allowed_count, row.denied_count)
            for row in rows
        ]


def test_the_words_and_counts_are_the_manuals(story, task_force, sandbox, clock):
    pass_at(story, at(21, 17, 59, 59))  # before the window
    pass_at(story, at(21, 18))  # its start is included
    pass_at(story, at(22, 9), Verdict.DENIED)
    pass_at(story, at(22, 11, 59, 59))
    pass_at(story, at(22, 12))  # its end is not
    clock.now = at(22, 12, 0, 30)
    assert make_due_digests(story.dependencies) == 2
    assert digests() == [(at(21, 18), 1, 0), (at(22, 12), 2, 1)]
    sandbox.delete("/sandbox/messages")
    story.send_all()
    told = [m for m in sandbox.messages(channel="yuezhengyi") if m["to"] == "force-2"]
    assert [message["text"].split("\n")[-1] for message in told] == [
        "今天(2022年4月21日12点到2022年4月21日18点)卡口共通行车辆1辆,不准予通行0辆。可点击查看详情。",
        "昨天至今天(2022年4月21日18点到2022年4月22日12点)卡口共通行车辆2辆,不准予通行1辆。可点击查看详情。",
    ]
    assert all("/digest/" in message["url"] for message in told)
    assert len({message["url"] for message in told}) == 2


def test_an_empty_window_says_nought_and_nought(story, task_force, sandbox, clock):
    pass_at(story, at(21, 17, 30))
    clock.now = at(22, 12, 1)
    make_due_digests(story.dependencies)
    story.send_all()
    texts = [message["text"] for message in sandbox.messages(channel="yuezhengyi")]
    assert any("卡口共通行车辆0辆,不准予通行0辆。" in text for text in texts)


def test_a_window_is_made_once_by_many_schedulers_at_once(story, app, clock):
    pass_at(story, at(21, 17, 30))
    clock.now = at(23, 18, 1)

    def make(_number: int) -> int:
        with app.app_context():
            return make_due_digests(story.dependencies)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make, range(6)))
    assert sum(made) == 5
    assert [end for end, *_ in digests()] == [
        at(21, 18),
        at(22, 12),
        at(22, 18),
        at(23, 12),
        at(23, 18),
    ]
    assert make_due_digests(story.dependencies) == 0


def test_schedulers_with_other_times_never_overlap(story, app, clock):
    """Half of them have read the new configuration, the others have not."""
    pass_at(story, at(21, 17, 30))
    clock.now = at(24, 18, 1)
    new_times = (time(10), time(16))
    configured = story.dependencies.configured
    changed = replace(configured, digests=replace(configured.digests, times=new_times))

    def make(number: int) -> int:
        with app.app_context():
            dependencies = story.dependencies
            return make_due_digests(
                replace(dependencies, configured=changed) if number % 2 else dependencies
            )

    with ThreadPoolExecutor(6) as pool:
        made = sum(pool.map(make, range(6)))
    made += make(0)  # the next turn of whoever stepped back
    with reading() as session:
        rows = session.query(Digest).order_by(Digest.ends_at).all()
        windows = [(row.starts_at, row.ends_at) for row in rows]
    assert len(windows) == made
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert windows[-1][1] == at(24, 18)


def test_nothing_is_told_of_the_time_before_the_first_use(dependencies, clock):
    clock.now = at(22, 12, 30)
    assert make_due_digests(dependencies) == 0


def test_the_window_waits_for_decisions_that_are_on_their_way(story, clock):
    pass_at(story, at(21, 17, 30))
    clock.now = at(21, 18, 0, 19)
    assert make_due_digests(story.dependencies) == 0
    clock.now = at(21, 18, 0, 20)
    assert make_due_digests(story.dependencies) == 1


def test_a_clock_that_jumps_back_makes_no_second_digest(story, clock):
    pass_at(story, at(21, 17, 30))
    clock.now = at(22, 12, 1)
    assert make_due_digests(story.dependencies) == 2
    clock.now = at(21, 18, 1)
    assert make_due_digests(story.dependencies) == 0
    clock.now = at(22, 12, 2)
    assert make_due_digests(story.dependencies) == 0


def test_the_file_has_the_six_columns_and_clear_numbers(story, task_force, clock, tmp_path):
    enterprise = story.enterprise("=1+1物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    pass_at(story, at(21, 19), id_number=resident_id(1), phone="13800005678")
    pass_at(story, at(21, 20), Verdict.DENIED, id_number=resident_id(2), enterprise_name="外地公司")
    path = Path(tmp_path) / "digest.xlsx"
    assert write_digest_file(story.dependencies, Window(at(21, 18), at(22, 12)), path) == 2
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("车牌号", "司机姓名", "司机联系方式", "公司名称", "通行时间", "不通过原因")
    assert rows[1][2:] == ("13800005678", "=1+1物流有限公司", "2022-04-21 19:00:00", None)
    assert rows[2][3:] == ("外地公司", "2022-04-21 20:00:00", "体温异常")
    kinds = {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value}
    assert kinds == {"s"}


def test_without_recipients_the_digest_is_still_there(story, clock):
    pass_at(story, at(21, 17, 30))
    clock.now = at(21, 18, 1)
    assert make_due_digests(story.dependencies) == 1
    with reading() as session:
        kinds = {row.kind.value for row in session.query(Notification).all()}
        assert "digest" not in kinds
        assert session.query(Digest).one().recipient_count == 0


def test_a_provider_that_is_down_delays_the_digest_and_doubles_nothing(
    story, task_force, sandbox, clock
):
    pass_at(story, at(21, 17, 30))
    story.send_all()
    sandbox.delete("/sandbox/messages")
    clock.now = at(21, 18, 1)
    make_due_digests(story.dependencies)
    sandbox.fault("yuezhengyi", "timeout_after_effect", value=1)
    story.send_all()
    clock.advance(minutes=5)
    story.send_all()
    assert len(sandbox.messages(channel="yuezhengyi")) == 2
    with reading() as session:
        rows = session.query(Notification).filter(Notification.event.startswith("digest:"))
        assert {row.state for row in rows} == {NotificationState.SENT}
