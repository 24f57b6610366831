"""/authgzh/auth: the page on which a person proves who they are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from wxbackend.sandbox.exchange import attach_pages, remark, this_world
from wxbackend.sandbox.masking import mask_id_number, mask_name
from wxbackend.sandbox.weijing.desk import OUTCOMES, Check

blueprint = Blueprint("weijing_pages", __name__)
attach_pages(blueprint, "weijing")

# What the platform tells the returning browser; a pass and a wrong person carry no message.
RETURN_MESSAGES = {"fail": "认证不通过", "cancel": "用户取消认证", "timeout": "认证超时"}
GONE = 410


@dataclass(frozen=True)
class Choice:
    """One button of the page."""

    outcome: str
    stay: bool
    address: str


@blueprint.get("/authgzh/auth")
def auth() -> AnyResponse:
    check = this_world().weijing.find(request.args.get("certToken", ""))
    if check is None:
        return _dead_end("unknown", None)
    outcome = request.args.get("outcome")
    if outcome is None:
        return _ask(check)
    if outcome not in OUTCOMES:
        return _dead_end("outcome", check)
    return _conclude(check, outcome, stay=request.args.get("stay") == "1")


def _ask(check: Check) -> AnyResponse:
    world = this_world()
    if check.outcome is not None:
        return _dead_end("done", check)
    if world.weijing.is_over(check):
        return _dead_end("expired", check)
    holder = world.personas.find(request.cookies.get("sandbox_persona"))
    page = render_template(
        "sandbox/identity.html",
        check=check,
        name=mask_name(check.full_name),
        id_number=mask_id_number(check.id_number),
        seconds=int(check.expires_at - world.clock.now()),
        stranger=holder if holder and holder.id_number != check.id_number else None,
        choices={(c.outcome, c.stay): c.address for c in _choices(check)},
    )
    return make_response(page)


def _choices(check: Check) -> list[Choice]:
    pairs = [(outcome, False) for outcome in OUTCOMES] + [("pass", True)]
    return [Choice(outcome, stay, _address(check, outcome, stay=stay)) for outcome, stay in pairs]


def _address(check: Check, outcome: str, *, stay: bool) -> str:
    query = {"certToken": check.cert_token, "outcome": outcome}
    return f"/authgzh/auth?{urlencode({**query, 'stay': '1'} if stay else query)}"


def _conclude(check: Check, outcome: str, *, stay: bool) -> AnyResponse:
    remark(outcome)
    concluded = this_world().weijing.conclude(check.cert_token, outcome)
    if concluded is None:
        return _dead_end("done" if check.outcome else "expired", check)
    if stay:
        return make_response(render_template("sandbox/identity_done.html", outcome=outcome))
    return redirect(check.way_back(RETURN_MESSAGES.get(outcome, "")))


def _dead_end(reason: str, check: Check | None) -> Response:
    way_back = check.way_back(RETURN_MESSAGES["timeout"]) if check else None
    if check and check.outcome:
        way_back = check.way_back(RETURN_MESSAGES.get(check.outcome, ""))
    page = render_template("sandbox/identity_over.html", reason=reason, way_back=way_back)
    return make_response(page, GONE if check else 404)
