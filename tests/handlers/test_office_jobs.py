"""定时任务: what an admin reads there, and 立即执行."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.database import reading
from wxbackend.domain.timetable import Every, RunsOn
from wxbackend.services import jobs

JOBS = "/office/jobs"
LINES = [
    jobs.Line("make_digests", Every(timedelta(seconds=10)), RunsOn.LEADER),
    jobs.Line("erase_old_drafts", Every(timedelta(hours=1)), RunsOn.LEADER),
]


@pytest.fixture
def process(story) -> jobs.Process:
    """A worker that leads and has just run everything."""
    deps = story.dependencies
    process = jobs.Process("host-a:17:aa", "host-a", 17, deps.clock())
    jobs.beat(deps, process, leader_since=deps.clock())
    jobs.register_schedule(deps, LINES)
    turn(deps, LINES[1], count=3)
    return process


def turn(deps, line, *, count: int = 0, error_kind: str = "") -> None:
    begun = jobs.begin_turn(deps, line, process="host-a:17:aa")
    assert begun is not None
    now = deps.clock()
    jobs.end_turn(line, jobs.Turn(now, now, count, error_kind), begun)


def test_each_job_is_shown_with_its_last_turn_and_the_leader(office, process):
    page = office("admin").get(JOBS)
    assert "删除到期草稿" in page
    assert "每 1 小时" in page
    assert "删除 3 份" in page
    assert "到 12:00、18:00 统计" in page
    assert "主进程" in page
    assert "host-a" in page
    assert "没有主进程" not in page


def test_a_failure_and_a_late_job_are_said_in_words(office, process, story, clock):
    clock.advance(minutes=70)
    turn(story.dependencies, LINES[1], error_kind="OperationalError")
    clock.advance(minutes=75)
    page = office("admin").get(JOBS)
    assert "数据库不可用或太忙（OperationalError）" in page
    assert "已晚 15 分钟" in page


def test_no_leader_is_said_on_the_page_at_home_and_in_readyz(office, process, clock, app):
    bureau, admin = office("bureau"), office("admin")
    assert "定时任务已停" not in admin.get("/office/accounts")
    readyz = app.test_client().get("/readyz")
    assert (readyz.status_code, readyz.json["warnings"]) == (200, [])
    assert "无进程执行" not in bureau.get("/office")
    clock.advance(seconds=61)
    assert "没有主进程" in bureau.get(JOBS)
    assert "失联" in bureau.page
    assert "无进程执行" in bureau.get("/office")
    assert "定时任务已停" in admin.get("/office/accounts")
    readyz = app.test_client().get("/readyz")
    assert (readyz.status_code, readyz.json["warnings"]) == (200, ["jobs_stand_still"])


def test_a_turn_is_asked_for_once_and_audited(office, process):
    admin = office("admin")
    for _ in range(2):
        admin.get(JOBS)
        admin.post(f"{JOBS}/erase_old_drafts/run")
    assert "等待执行" in admin.page
    assert jobs.wishes()["erase_old_drafts"].is_requested
    with reading() as session:
        sql = "SELECT object_kind, object_id FROM audit_entry WHERE action = 'run_job'"
        assert [tuple(row) for row in session.execute(text(sql))] == [("job", "erase_old_drafts")]
    assert "定时任务 删除到期草稿" in office("auditor").get("/office/audit")


def test_the_bureau_looks_and_asks_for_nothing(office, process):
    bureau = office("bureau")
    assert "立即执行" not in bureau.get(JOBS)
    bureau.post(f"{JOBS}/erase_old_drafts/run")
    assert bureau.status == 403
    assert not jobs.wishes()["erase_old_drafts"].is_requested


def test_a_jobs_drawer_lists_its_turns(office, process, story):
    turn(story.dependencies, LINES[1], error_kind="ValueError")
    page = office("admin").get(f"{JOBS}/erase_old_drafts")
    assert "程序出错（ValueError）" in page
    assert "删除 3 份" in page
    assert "host-a:17" in page


def test_an_unknown_job_is_not_found(office, process):
    admin = office("admin")
    admin.get(f"{JOBS}/nonsense")
    assert admin.status == 404


def test_a_job_of_another_version_does_not_break_the_page(office, process, story):
    newer = jobs.Line("from_the_future", Every(timedelta(hours=1)), RunsOn.LEADER)
    jobs.register_schedule(story.dependencies, [*LINES, newer])
    turn(story.dependencies, newer, count=5)
    assert "from_the_future" in office("admin").get(JOBS)
