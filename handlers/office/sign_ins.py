"""登录记录: who signed in, from where, and who could not."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies
from handlers.guards import guarded
from handlers.office.audit import with_usual_days
from handlers.office.lists import FilterFields, read_asked, to_list
from handlers.office.shell import member_with, office_members
from wxbackend.domain.roles import Right
from wxbackend.services import audit_log

blueprint = guarded(
    Blueprint("office_sign_ins", __name__, url_prefix="/office/sign-ins"),
    office_members(Right.VIEW_SIGN_INS),
)

FILTERS = FilterFields(
    "sign_ins", open=("first", "last", "action", "result"), private=("account", "source")
)
# What a wrong try came to; the words stand under `sign_in_outcome`.
OUTCOMES = ("wrong", "locked", "disabled", "expired")


@blueprint.get("")
def index() -> ResponseReturnValue:
    values = dict(read_asked(FILTERS, member_with(Right.VIEW_SIGN_INS)).values)
    wanted = dict(values)
    if values["result"] in OUTCOMES:
        wanted["outcome"] = wanted.pop("result")
    page = audit_log.read_log(
        dependencies(),
        wanted,
        request.args.get("page", ""),
        actions=audit_log.SIGN_IN_ACTIONS,
    )
    return render_template(
        "office/sign_ins.html",
        page=page,
        values=with_usual_days(values),
        actions=audit_log.SIGN_IN_ACTIONS,
        outcomes=OUTCOMES,
        size=audit_log.PAGE_SIZE,
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    return to_list(FILTERS, member_with(Right.VIEW_SIGN_INS), "office_sign_ins.index")
