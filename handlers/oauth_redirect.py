"""The way to WeChat's OAuth page."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from handlers.context import dependencies, ensure_browser_key
from handlers.local_paths import local_path
from wxbackend.services.wechat_sign_in import begin_oauth, new_browser_key


def begin_oauth_redirect(next_path: str | None = None, *, hops: int = 0) -> ResponseReturnValue:
    """Send the browser to WeChat; it comes back to `next_path`, by default to this page."""
    address = begin_oauth(
        dependencies(),
        next_path=next_path or local_path(request.full_path.rstrip("?")),
        browser_key=ensure_browser_key(new_browser_key()),
        hops=hops,
    )
    return redirect(address)
