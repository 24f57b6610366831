"""立即执行: ask for a job's turn now."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies
from handlers.guards import guarded
from handlers.office.jobs import job_name
from handlers.office.lists import lead_on
from handlers.office.shell import member_with, office_members
from handlers.presentation import word
from wxbackend.domain.roles import Right
from wxbackend.services.job_views import request_turn

blueprint = guarded(
    Blueprint("office_jobs_requests", __name__, url_prefix="/office/jobs"),
    office_members(Right.MANAGE_SYSTEM),
)


@blueprint.post("/<job_id>/run")
def run(job_id: str) -> ResponseReturnValue:
    member = member_with(Right.MANAGE_SYSTEM)
    is_new = request_turn(dependencies(), job_id, actor=actor(member))
    name = job_name(job_id)
    flash(word("jobs.requested" if is_new else "jobs.requested_before", name=name), "ok")
    return lead_on(url_for("office_jobs.index"))
