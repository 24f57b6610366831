"""Scanning and deciding: looking never uses a code up, and a decision is made once."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from flask import Blueprint, Response
from pydantic import Field

from handlers.answers import jpeg
from handlers.api.gate_shapes import Decision, DriverShown, Scan, shown_scan
from handlers.api.guards import staff_on_shift
from handlers.api.operations import operation
from handlers.api.repeats import write_id
from handlers.api.shapes import Answer, Asked, PublicId, Text
from handlers.api.values import guard_on_shift
from handlers.context import actor, dependencies
from handlers.guards import guarded
from wxbackend.domain.errors import Conflict, NotFound
from wxbackend.domain.gate import ScanMeans
from wxbackend.domain.pass_codes import ShortCode, read_scanned
from wxbackend.domain.reservation import Verdict
from wxbackend.services import passages
from wxbackend.services.gate_views import (
    DriverDetail,
    read_scan_image,
    show_driver_detail,
    show_scan,
)
from wxbackend.services.scans import open_code, reopen

blueprint = guarded(
    Blueprint("api_gate_scans", __name__, url_prefix="/api/v1/gate/scans"), staff_on_shift
)


class DecidedBefore(Conflict):
    """Somebody else decided on this code first."""

    code = "decided_before"


class ScannedCode(Asked):
    """What a scanner read, the `scene` of a mini-program code, or a typed short code."""

    code: Annotated[str, Field(min_length=1, max_length=2000)]


class ScanOpened(Answer):
    scan_id: PublicId


class DecisionForm(Asked):
    """A denial needs `reason`, an id of the list, or `reason_text` of its own (50 characters)."""

    verdict: Verdict
    reason: Text = ""
    reason_text: Text = ""


@blueprint.post("")
@operation(
    "Open a code", takes=ScannedCode, gives=ScanOpened, status=201, is_once=True, refuses=(404,)
)
def scan(body: ScannedCode) -> dict[str, str]:
    """Every attempt is recorded; what is none of our codes is 404."""
    own_host = urlsplit(dependencies().public_base_url).netloc
    code, guard = read_scanned(body.code, own_host=own_host), guard_on_shift()
    means = ScanMeans.SHORT_CODE if isinstance(code, ShortCode) else ScanMeans.SCANNER
    scan_id = open_code(dependencies(), guard, code, means=means, actor=actor(guard.member))
    return {"scan_id": scan_id}


@blueprint.get("/<scan_id>")
@operation("What a code shows", gives=Scan)
def show(scan_id: str) -> dict[str, object]:
    """For the one who opened it, during that shift."""
    return shown_scan(show_scan(dependencies(), guard_on_shift(), scan_id))


@blueprint.post("/<scan_id>/refresh")
@operation("Bring an old scan up to date", gives=ScanOpened, status=201, is_once=True)
def refresh(scan_id: str) -> dict[str, str]:
    """The answer is a new scan of the same code."""
    guard = guard_on_shift()
    return {"scan_id": reopen(dependencies(), guard, scan_id, actor=actor(guard.member))}


@blueprint.get("/<scan_id>/driver")
@operation("The driver's details", gives=DriverShown)
def driver(scan_id: str) -> DriverDetail:
    """Enterprise, reservation and health information; the look is audited."""
    guard = guard_on_shift()
    return show_driver_detail(dependencies(), guard, scan_id, actor=actor(guard.member))


@blueprint.get("/<scan_id>/images/<image_id>")
@operation("A picture that the driver uploaded", gives="image/jpeg")
def image(scan_id: str, image_id: str) -> Response:
    return jpeg(read_scan_image(dependencies(), guard_on_shift(), scan_id, image_id))


@blueprint.post("/<scan_id>/decision")
@operation("Decide", takes=DecisionForm, gives=Decision, status=201, is_once=True)
def decide(scan_id: str, body: DecisionForm) -> passages.Decision:
    """The first decision to reach the server wins: 409 `decided_before`, and GET tells by whom.

    409 `stale_scan`: refresh first. The Idempotency-Key is the decision's own: repeated, however
    late, it gets its first answer.
    """
    guard, reason = guard_on_shift(), ""
    if body.verdict is Verdict.DENIED:
        reason = passages.parse_reason(body.reason or passages.OTHER_REASON, body.reason_text)
    decision = passages.decide(
        dependencies(),
        guard,
        scan_public_id=scan_id,
        verdict=body.verdict,
        reason=reason,
        request_id=write_id(),
        actor=actor(guard.member),
    )
    if not decision.is_own_request:
        raise DecidedBefore
    return decision


@blueprint.get("/<scan_id>/decision")
@operation("The decision on a scanned code", gives=Decision)
def decision(scan_id: str) -> passages.Decision:
    """Whoever made it."""
    found = passages.find_decision(guard_on_shift(), scan_id)
    if found is None:
        raise NotFound
    return found
