"""Headers on every answer: what a page may load, who may frame it, and that nothing is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from handlers.web_settings import WebSettings

_STATIC_SECONDS = 365 * 24 * 3600


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def add_security_headers(app: Flask, web: WebSettings) -> None:
    policy = content_security_policy(web)
    permissions = f"camera=({_camera_users(web)}), geolocation=(), microphone=()"

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = permissions
        if web.is_production:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static":
            # Its address carries a hash of its content.
            headers["Cache-Control"] = f"public, max-age={_STATIC_SECONDS}, immutable"
        else:
            headers["Cache-Control"] = "no-store"
        return response


def _camera_users(web: WebSettings) -> str:
    """Our own scanner, and beside the sandbox the one that stands in for WeChat's."""
    return f'self "{origin_of(web.js_sdk_url)}"' if web.client_cookie else "self"


def content_security_policy(web: WebSettings) -> str:
    """No inline code, no eval; beside the sandbox, its phone may frame us and play WeChat."""
    sdk = origin_of(web.js_sdk_url)
    sandbox = sdk if web.client_cookie else ""
    sources = {
        "default-src": "'none'",
        "script-src": f"'self' 'wasm-unsafe-eval' {sdk}",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": f"'self' {sandbox}",
        "frame-src": sandbox or "'none'",
        "frame-ancestors": sandbox or "'none'",
        # A form's redirect to the identity page counts as the form's target.
        "form-action": f"'self' {origin_of(web.identity_page)} {origin_of(web.oauth_page)}",
        "base-uri": "'none'",
        "manifest-src": "'self'",
    }
    return "; ".join(f"{name} {value}".rstrip() for name, value in sources.items())
