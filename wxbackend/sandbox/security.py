"""The headers of every page: nothing inline, nothing from elsewhere, framed only by the app."""

from __future__ import annotations

from flask import Response, request

from wxbackend.sandbox.addresses import host_of, origin_of, with_host
from wxbackend.sandbox.exchange import this_world

SCANNER_PATH = "/sandbox/scanner"
CALLING_PATH = "/connect/"
FRAMED_PATHS = (SCANNER_PATH, CALLING_PATH, "/authgzh/")


def app_address() -> str:
    """The app's address under the host name that the browser uses for the sandbox."""
    url = this_world().options.app_url.rstrip("/")
    return with_host(url, host_of(request.host_url) or "")


def add_headers(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _policy()
    return response


def _policy() -> str:
    app = origin_of(app_address())
    framed = request.path.startswith(FRAMED_PATHS)
    rules = {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {app}" if request.path.startswith(CALLING_PATH) else "'self'",
        "frame-src": f"'self' {app}",
        "frame-ancestors": f"'self' {app}" if framed else "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
