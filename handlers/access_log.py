"""One line a request: the rule that answered (never the address itself), the status, the time."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

from wxbackend.logs import RULE_KEY

_log = logging.getLogger("wxbackend.access")
_QUIET = frozenset({"static", "health.alive", "health.ready"})


def add_access_log(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.began_at = time.perf_counter()
        # For the server's own access log, which must not show the address either.
        request.environ[RULE_KEY] = _rule()

    @app.after_request
    def write(response: Response) -> Response:
        if request.endpoint not in _QUIET:
            seconds = time.perf_counter() - g.get("began_at", time.perf_counter())
            _log.info(
                "request",
                extra={
                    "method": request.method,
                    "rule": _rule(),
                    "status": response.status_code,
                    "ms": round(seconds * 1000, 1),
                },
            )
        return response


def _rule() -> str:
    return str(request.url_rule or "none")
