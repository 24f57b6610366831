"""The link in a QR code: the scan page for staff on shift, a neutral page for everybody else."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.context import actor, dependencies, keep_session, visitor
from handlers.guards import anyone_known, guarded
from handlers.local_paths import local_path
from wxbackend.domain.gate import ScanMeans
from wxbackend.domain.pass_codes import ForeignCode, parse_token
from wxbackend.domain.roles import Role
from wxbackend.services.scans import Guard, open_code
from wxbackend.services.shifts import current_shift
from wxbackend.services.visitors import open_anonymous_session, set_return_path

blueprint = guarded(Blueprint("pass_link", __name__), anyone_known)


@blueprint.get("/P/<token>")
@blueprint.get("/p/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Looking never uses the code up; nobody but staff on shift learns whether it exists."""
    member = visitor().member(Role.CHECKPOINT)
    shift = current_shift(dependencies(), member) if member else None
    if member is None or shift is None or member.must_change_password:
        if member is not None:
            set_return_path(visitor(), request.path)
        return render_template("gate/neutral.html", member=member, token=token)
    set_return_path(visitor(), None)
    public_id = open_code(
        dependencies(),
        Guard(member, shift),
        parse_token(token) or ForeignCode(token),
        means=ScanMeans.LINK,
        actor=actor(member),
    )
    return redirect(url_for("gate_scans.show", public_id=public_id))


@blueprint.post("/P/sign-in")
def sign_in() -> ResponseReturnValue:
    """工作人员登录: remember this pass on the server and ask who is there."""
    path = local_path(url_for("pass_link.open_link", token=request.form.get("token", "")[:64]))
    if visitor().session_id is None:
        deps = dependencies()
        keep_session(
            open_anonymous_session(return_path=path, now=deps.clock(), policy=deps.policy.sign_in)
        )
    else:
        set_return_path(visitor(), path)
    return redirect(url_for("gate.home"))
