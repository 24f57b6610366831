"""WeChat's pushes: everything about a delivery is checked before anything comes of it.

The only route without a CSRF token: WeChat signs instead. What is authentic is answered with 200
whatever happens, since WeChat would deliver it again and then tell the person of a breakdown.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from handlers.context import dependencies
from handlers.guards import anyone, guarded
from wxbackend.domain.pushes import Push
from wxbackend.gateways.interfaces.pushes import (
    PushEnvelopes,
    PushQuery,
    PushRefused,
    PushUnreadable,
)
from wxbackend.logs import request_id
from wxbackend.services.pushes import answer_push, is_answered

_log = logging.getLogger(__name__)
_MOST_BYTES = 64 * 1024
_LONGEST_ECHO = 200
_XML = frozenset({"text/xml", "application/xml"})

blueprint = guarded(Blueprint("wechat_push", __name__, url_prefix="/wechat"), anyone)


@blueprint.get("/push")
def verify() -> ResponseReturnValue:
    """WeChat asks once, when the address is saved on its page."""
    _envelopes().check(_query(), now=dependencies().clock())
    return Response(request.args.get("echostr", "")[:_LONGEST_ECHO], mimetype="text/plain")


@blueprint.post("/push")
def receive() -> ResponseReturnValue:
    envelopes, query, deps = _envelopes(), _query(), dependencies()
    envelopes.check(query, now=deps.clock())
    if request.mimetype not in _XML:
        abort(415)
    request.max_content_length = _MOST_BYTES
    g.push = envelopes.open(query, request.get_data(cache=False))
    return _answer(g.push, answer_push(deps, g.push, request_id=request_id.get()))


@blueprint.errorhandler(PushRefused)
def refused(error: PushRefused) -> ResponseReturnValue:
    _log.warning("push refused", extra={"reason": str(error)})
    return Response("", status=403, mimetype="text/plain")


@blueprint.errorhandler(PushUnreadable)
def unreadable(error: PushUnreadable) -> ResponseReturnValue:
    _log.warning("push not understood", extra={"reason": str(error)})
    return _success()


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        return Response("", status=error.code or 400, mimetype="text/plain")
    _log.exception("push failed")
    push: Push | None = g.get("push")
    if push is None or not is_answered(push):
        return _success()
    return _answer(push, dependencies().gateways.wording.text("wechat.reply.busy"))


def _answer(push: Push, text: str) -> Response:
    if not text:
        return _success()
    sealed = _envelopes().seal_text(push, text, now=dependencies().clock())
    return Response(sealed, mimetype="text/xml")


def _success() -> Response:
    return Response("success", mimetype="text/plain")


def _envelopes() -> PushEnvelopes:
    found = dependencies().gateways.pushes
    if found is None:
        abort(404)
    return found


def _query() -> PushQuery:
    given = request.args
    return PushQuery(
        signature=given.get("signature", ""),
        timestamp=given.get("timestamp", ""),
        nonce=given.get("nonce", "")[:128],
        message_signature=given.get("msg_signature", ""),
    )
