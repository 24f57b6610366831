"""Scanning and deciding: every way to a code leads to one page, every decision is made once."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.answers import jpeg
from handlers.context import actor, dependencies, member_of
from handlers.guards import guarded, staff_on_shift
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.gate import ScanMeans, ScanOutcome
from wxbackend.domain.pass_codes import parse_short_code, read_scanned
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.services import passages
from wxbackend.services.gate_views import (
    ScanPage,
    denial_reasons,
    read_scan_image,
    show_driver_detail,
    show_scan,
)
from wxbackend.services.passages import StaleScan, find_decision, new_request_id, parse_reason
from wxbackend.services.scans import Guard, open_code, reopen
from wxbackend.services.shifts import current_shift

blueprint = guarded(Blueprint("gate_scans", __name__, url_prefix="/gate"), staff_on_shift)


def guard_on_shift() -> Guard:
    """Who looks, and during which shift; the guard has made sure that there is one.

    Raises: LookupError.
    """
    member = member_of(Role.CHECKPOINT)
    shift = current_shift(dependencies(), member)
    if shift is None:
        raise LookupError("no shift")
    return Guard(member, shift)


@blueprint.post("/scan")
def scan() -> ResponseReturnValue:
    """What a scanner of our page read, in whichever shape it came."""
    own_host = urlsplit(dependencies().public_base_url).netloc
    code = read_scanned(request.form.get("code", "")[:2000], own_host=own_host)
    guard = guard_on_shift()
    public_id = open_code(
        dependencies(), guard, code, means=ScanMeans.SCANNER, actor=actor(guard.member)
    )
    return redirect(url_for("gate_scans.show", public_id=public_id))


@blueprint.get("/short-code")
def short_code_form() -> ResponseReturnValue:
    return render_template("gate/short_code.html", typed="", errors={})


@blueprint.post("/short-code")
def short_code() -> ResponseReturnValue:
    typed = request.form.get("short_code", "")[:40]
    code = parse_short_code(typed)
    if code is None:
        errors = {"short_code": InvalidValue("short_code.format")}
        return render_template("gate/short_code.html", typed=typed, errors=errors), 422
    guard = guard_on_shift()
    public_id = open_code(
        dependencies(), guard, code, means=ScanMeans.SHORT_CODE, actor=actor(guard.member)
    )
    return redirect(url_for("gate_scans.show", public_id=public_id))


@blueprint.get("/scans/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    page = show_scan(dependencies(), guard_on_shift(), public_id)
    if page.outcome is not ScanOutcome.SHOWN:
        return render_template("gate/used.html", page=page)
    return render_template(
        "gate/scan.html",
        page=page,
        request_id=new_request_id(),
        reasons=denial_reasons(),
        errors={},
        typed={},
    )


@blueprint.post("/scans/<public_id>/refresh")
def refresh(public_id: str) -> ResponseReturnValue:
    guard = guard_on_shift()
    fresh = reopen(dependencies(), guard, public_id, actor=actor(guard.member))
    return redirect(url_for("gate_scans.show", public_id=fresh))


@blueprint.get("/scans/<public_id>/driver")
def driver_detail(public_id: str) -> ResponseReturnValue:
    guard = guard_on_shift()
    found = show_driver_detail(dependencies(), guard, public_id, actor=actor(guard.member))
    return render_template("gate/driver_detail.html", driver=found, scan_id=public_id)


@blueprint.get("/scans/<public_id>/images/<image_id>.jpg")
def image(public_id: str, image_id: str) -> ResponseReturnValue:
    return jpeg(read_scan_image(dependencies(), guard_on_shift(), public_id, image_id))


@blueprint.get("/scans/<public_id>/deny")
def deny_form(public_id: str) -> ResponseReturnValue:
    """The reasons as a page of their own, for browsers without scripts."""
    page = show_scan(dependencies(), guard_on_shift(), public_id)
    return _deny_page(page, {}, request.args.get("request_id", "") or new_request_id())


@blueprint.post("/scans/<public_id>/decision")
def decide(public_id: str) -> ResponseReturnValue:
    """【允许通行】 or 【不予通行】; repeating the same request gets the same answer."""
    guard, form = guard_on_shift(), request.form
    verdict = _verdict(form.get("verdict", ""))
    request_id = form.get("request_id", "")[:40]
    try:
        reason = ""
        if verdict is Verdict.DENIED:
            reason = parse_reason(form.get("reason", ""), form.get("reason_text", ""))
        decision = passages.decide(
            dependencies(),
            guard,
            scan_public_id=public_id,
            verdict=verdict,
            reason=reason,
            request_id=request_id or new_request_id(),
            actor=actor(guard.member),
        )
    except InvalidForm as wrong:
        page = show_scan(dependencies(), guard, public_id)
        return _deny_page(page, wrong.errors, request_id), 422
    except StaleScan:
        fresh = reopen(dependencies(), guard, public_id, actor=actor(guard.member))
        return redirect(url_for("gate_scans.show", public_id=fresh, refreshed=1))
    if not decision.is_own_request:
        return render_template("gate/decided_before.html", decision=decision), 409
    return redirect(url_for("gate_scans.decision", public_id=public_id))


@blueprint.get("/scans/<public_id>/decision")
def decision(public_id: str) -> ResponseReturnValue:
    """The recorded decision fills the screen."""
    found = find_decision(guard_on_shift(), public_id)
    if found is None:
        return redirect(url_for("gate_scans.show", public_id=public_id))
    return render_template("gate/decision.html", decision=found)


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise NotFound from None


def _deny_page(page: ScanPage, errors: dict[str, InvalidValue], request_id: str) -> str:
    return render_template(
        "gate/deny.html",
        page=page,
        reasons=denial_reasons(),
        errors=errors,
        request_id=request_id,
        typed=request.form,
    )
