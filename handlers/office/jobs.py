"""定时任务: what runs by the clock, how it went, and who runs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.shell import office_members
from handlers.presentation import word
from wxbackend.domain.roles import Right
from wxbackend.domain.timetable import Every, Trigger
from wxbackend.services import job_views

blueprint = guarded(
    Blueprint("office_jobs", __name__, url_prefix="/office/jobs"), office_members(Right.VIEW_JOBS)
)
_SHORTEST_SECONDS = 0.1


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("office/jobs/index.html", page=job_views.show_jobs(dependencies()))


@blueprint.get("/<job_id>")
def show(job_id: str) -> ResponseReturnValue:
    job, runs = job_views.show_job(dependencies(), job_id)
    return render_template("office/jobs/job.html", job=job, runs=runs)


# ---- how it looks ------------------------------------------------------------------------------


@blueprint.app_template_global()
def trigger_words(trigger: Trigger) -> str:
    """每 5 秒, 每 15 分钟, or 每天 03:40."""
    if not isinstance(trigger, Every):
        return word("jobs.daily", times=_times(trigger.times))
    seconds = int(trigger.pause.total_seconds())
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds % size == 0:
            return word(f"jobs.every_{unit}", count=seconds // size)
    return word("jobs.every_seconds", count=seconds)


@blueprint.app_template_global()
def job_name(job_id: str) -> str:
    return _job_word("job_name", job_id) or job_id


@blueprint.app_template_global()
def job_purpose(job_id: str) -> str:
    """What a job does; a digest's names its times."""
    times = dependencies().policy.digests.times
    return _job_word("job_purpose", job_id, times=_times(times))


@blueprint.app_template_global()
def job_done(job_id: str, count: int) -> str:
    if not count:
        return word("jobs.nothing_done")
    return _job_word("job_done", job_id, count=f"{count:,}") or f"{count:,}"


def _job_word(kind: str, job_id: str, **facts: object) -> str:
    """Nothing for a job of another version: workers are renewed before or after the pages."""
    wording = dependencies().gateways.wording
    key = f"{kind}.{job_id}"
    return wording.text(key, **facts) if key in wording else ""


@blueprint.app_template_global()
def error_words(error_kind: str) -> str:
    """What went wrong in plain words, and the error's own name for whoever looks into it."""
    known = f"job_error.{error_kind.partition(' ')[0]}"
    wording = dependencies().gateways.wording
    words = wording.text(known if known in wording else "job_error.other")
    return word("jobs.error", words=words, kind=error_kind)


@blueprint.app_template_global()
def lateness(since: datetime) -> str:
    """How long ago a turn was due: 3 分钟, 2 小时 5 分钟."""
    minutes = max(1, int((dependencies().clock() - since).total_seconds() // 60))
    if minutes < 60:
        return word("time.minutes", minutes=minutes)
    return word("time.hours_minutes", hours=minutes // 60, minutes=minutes % 60)


@blueprint.app_template_global()
def seconds_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < _SHORTEST_SECONDS:
        return word("jobs.instantly", count=_SHORTEST_SECONDS)
    shown = f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
    return word("jobs.seconds", count=shown)


def _times(times: Sequence[time]) -> str:
    return word("jobs.separator").join(one.strftime("%H:%M") for one in times)
