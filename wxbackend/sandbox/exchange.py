"""What all platforms share: a fault may strike a call, and every call is written down.

Half of it works as hooks on each platform's blueprint. The other half is the line itself: only
the WSGI server can end a connection without an answer, and an `OSError` makes it do so quietly.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app, g, make_response, request

from wxbackend.sandbox.faults import Fault
from wxbackend.sandbox.journal import NO_ANSWER
from wxbackend.sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOST = "sandbox.answer_lost"
GARBAGE = b"\x1f\x8b\x00<html>\xff\xfe502 \xe4\xb8 not json"


@dataclass(frozen=True)
class Platform:
    """How one platform looks from outside.

    `own_error` makes its answer for an error code. A code in `token_codes` says that a token is
    dead, so `forget_tokens` really kills them and only calls that carry a token are struck.
    """

    target: str
    own_error: Callable[[str], Response]
    token_codes: frozenset[str] = field(default_factory=frozenset)
    forget_tokens: Callable[[World], None] = lambda world: None
    carries_token: Callable[[], bool] = lambda: True


class Line:
    """The WSGI application around Flask's: where an answer can get lost on the way."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._app(environ, start_response)
        if environ.get(LOST):
            cast(Any, answer).close()
            raise ConnectionResetError(errno.ECONNRESET, "the sandbox was told not to answer")
        return answer


def this_world() -> World:
    return cast(World, current_app.extensions["sandbox"])


def attach(blueprint: Blueprint, platform: Platform) -> None:
    """Let faults strike this platform's API, and journal its calls."""
    blueprint.before_request(partial(_strike, platform))
    blueprint.after_request(partial(_finish, target=platform.target, caller="server"))


def attach_pages(blueprint: Blueprint, target: str) -> None:
    """Journal the pages that a platform shows in a browser; faults leave them alone."""
    blueprint.after_request(partial(_finish, target=target, caller="browser"))


def remark(note: str) -> None:
    """Say in the journal what the status cannot: dropped, duplicate, an error code."""
    g.remark = note


def _strike(platform: Platform) -> Response | None:
    world = this_world()
    if _spares(platform, world.faults.look(platform.target)):
        return None
    fault = world.faults.take(platform.target, request.path)
    if fault is None:
        return None
    g.fault = fault
    if fault.kind in {"refuse", "timeout"}:
        request.environ[LOST] = True
        return make_response("", 200)
    if fault.kind == "slow":
        world.faults.hold(fault.seconds)
    return _spoiled_answer(platform, fault)


def _spares(platform: Platform, fault: Fault | None) -> bool:
    return (
        fault is not None
        and fault.kind == "errcode"
        and str(fault.value) in platform.token_codes
        and not platform.carries_token()
    )


def _spoiled_answer(platform: Platform, fault: Fault) -> Response | None:
    if fault.kind == "http_500":
        return Response("Internal Server Error", status=500, mimetype="text/html")
    if fault.kind == "garbage":
        return Response(GARBAGE, status=200, mimetype="text/html")
    if fault.kind == "errcode":
        code = str(fault.value)
        remark(code)
        if code in platform.token_codes:
            platform.forget_tokens(this_world())
        return platform.own_error(code)
    return None


def _finish(response: Response, *, target: str, caller: str) -> Response:
    world = this_world()
    fault: Fault | None = g.get("fault")
    if fault is not None and fault.kind == "timeout_after_effect":
        request.environ[LOST] = True
    world.journal.record(
        target,
        request.path,
        method=request.method,
        status=NO_ANSWER if request.environ.get(LOST) else response.status_code,
        caller=caller,
        fault=fault.kind if fault else None,
        note=g.get("remark"),
    )
    # Written down first: whoever gave up waiting finds the call in the journal at once.
    if fault is not None and fault.kind in {"timeout", "timeout_after_effect"}:
        world.faults.hold(fault.seconds)
    return response
