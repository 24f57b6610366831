"""Beside the sandbox: localhost and 127.0.0.1 are one host, since cookies take them for two."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def add_canonical_host(app: Flask, public_base_url: str) -> None:
    """Lead a page opened under another name of this machine to the configured one."""
    own = urlsplit(public_base_url).netloc
    if urlsplit(public_base_url).hostname not in _LOOPBACK:
        return

    @app.before_request
    def lead() -> ResponseReturnValue | None:
        name = request.host.rpartition(":")[0] or request.host
        if request.host == own or name not in _LOOPBACK or request.method != "GET":
            return None
        if request.endpoint in {"static", "health.alive", "health.ready"}:
            return None
        path = request.full_path.rstrip("?")
        return redirect(f"{public_base_url}{path}")
