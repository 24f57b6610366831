"""The way in over HTTP: pages, their scripts' calls, and WeChat."""

from __future__ import annotations

from flask import Flask, request
from flask_wtf import CSRFProtect

from handlers import (
    account,
    api,
    digest_link,
    domain_verification,
    driver,
    driver_forms,
    driver_prepared,
    gate,
    gate_scans,
    health,
    identity,
    js_sdk,
    lead,
    lead_employees,
    lead_imports,
    lead_prepared,
    lead_reservations,
    manual_addresses,
    oauth,
    office,
    pass_link,
    ports,
    sign_in,
    sms_receipts,
    town,
    town_reservations,
    wechat_push,
)
from handlers.access_log import add_access_log
from handlers.canonical_host import add_canonical_host
from handlers.context import add_live_policy, add_request_ids
from handlers.guards import guard_of
from handlers.office.log_words import register_log_words
from handlers.office.shell import register_office
from handlers.presentation import register_presentation
from handlers.refusals import register_refusals
from handlers.security_headers import add_security_headers
from handlers.web_settings import WebSettings

_LARGEST_FORM_BYTES = 1_000_000

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        account,
        digest_link,
        domain_verification,
        driver,
        driver_forms,
        driver_prepared,
        gate,
        gate_scans,
        health,
        identity,
        js_sdk,
        lead,
        lead_employees,
        lead_imports,
        lead_prepared,
        lead_reservations,
        manual_addresses,
        oauth,
        pass_link,
        ports,
        sign_in,
        sms_receipts,
        town,
        town_reservations,
        wechat_push,
    )
)


def register_handlers(app: Flask, web: WebSettings) -> None:
    """Raises: RuntimeError for a blueprint that declares no guard."""
    app.extensions["wxbackend.web"] = web
    _configure(app, web)
    add_request_ids(app)
    add_access_log(app)
    add_canonical_host(app, web.public_base_url)
    add_live_policy(app)
    csrf = CSRFProtect(app)
    for blueprint in (sms_receipts.blueprint, wechat_push.blueprint, *api.BLUEPRINTS):
        csrf.exempt(blueprint)  # they take no cookie that a browser would send by itself
    add_security_headers(app, web)
    register_presentation(app)
    register_refusals(app)
    register_office(app)
    register_log_words(app)
    for blueprint in (*BLUEPRINTS, *office.BLUEPRINTS, *api.BLUEPRINTS):
        if guard_of(blueprint) is None:
            raise RuntimeError(f"blueprint {blueprint.name} declares no guard")
        app.register_blueprint(blueprint)


def _configure(app: Flask, web: WebSettings) -> None:
    app.config.update(
        SECRET_KEY=web.cookie_secret,
        SESSION_COOKIE_NAME="__Host-wxbackend" if web.is_production else "wxbackend",
        SESSION_COOKIE_SECURE=web.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        # A form may stay open for a whole shift; the token lives and ends with the session.
        WTF_CSRF_TIME_LIMIT=None,
        # Our own Referrer-Policy keeps browsers from sending what this check would read.
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=3 * web.most_upload_bytes + _LARGEST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=_LARGEST_FORM_BYTES,
        MAX_FORM_PARTS=200,
    )

    @app.before_request
    def limit_plain_forms() -> None:
        # Only a form with files may be large.
        if request.mimetype != "multipart/form-data":
            request.max_content_length = _LARGEST_FORM_BYTES
