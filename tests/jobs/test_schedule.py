"""The schedule: its words, its documentation, and how APScheduler is told of it."""

from __future__ import annotations

import re
import threading

import pytest

from tests.servers import ROOT
from wxbackend.domain.timetable import Every, RunsOn
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.jobs.schedule import Job, schedule
from wxbackend.wiring import WORDING_FOLDER

WORDING = WordingCatalogue(WORDING_FOLDER)
SCHEDULE = schedule(threads=1, ended=threading.Event())


@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.id)
@pytest.mark.parametrize("kind", ["job_name", "job_purpose", "job_done"])
def test_every_job_has_its_words(job, kind):
    assert f"{kind}.{job.id}" in WORDING


def when(job: Job) -> str:
    if isinstance(job.trigger, Every):
        seconds = int(job.trigger.pause.total_seconds())
        for size, unit in ((3600, "h"), (60, "min")):
            if seconds % size == 0:
                return f"every {seconds // size} {unit}"
        return f"every {seconds} s"
    return "daily " + ", ".join(one.strftime("%H:%M") for one in job.trigger.times)


def test_the_document_lists_every_job_as_it_is():
    page = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
    where = {RunsOn.LEADER: "leader", RunsOn.EVERY_PROCESS: "every process"}
    documented = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", page, re.M)
    assert set(documented) == {(job.id, when(job), where[job.runs_on]) for job in SCHEDULE}
    assert len(documented) == len(SCHEDULE)


def test_what_sends_runs_in_as_many_threads_as_are_set():
    jobs = schedule(threads=3, ended=threading.Event())
    senders = [job.task_id for job in jobs if job.id == "send_notifications"]
    assert senders == ["send_notifications:1", "send_notifications:2", "send_notifications:3"]
    assert len({job.task_id for job in jobs}) == len(jobs)
