"""The composition root: the only module that knows all others."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from handlers import register_handlers
from handlers.web_settings import WebSettings
from models.database import connect_database
from wxbackend.config.settings import Settings, load_settings
from wxbackend.gateways.interfaces.works import PasswordHasher
from wxbackend.gateways.passwords import ArgonHasher
from wxbackend.jobs.running import RunningJobs
from wxbackend.jobs.soon import SoonRunner
from wxbackend.logs import configure_logs
from wxbackend.services.dependencies import Dependencies, RunSoon, leave_undone
from wxbackend.services.registry_tables import TablesRegistry
from wxbackend.wiring import wire

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_CONFIG = ROOT / "config.toml"


def system_clock() -> datetime:
    return datetime.now(UTC)


def settings_from_environment() -> Settings:
    """The settings of the files in WXBACKEND_CONFIG, or of config.toml beside the code.

    Raises: ConfigurationError.
    """
    named = os.environ.get("WXBACKEND_CONFIG", "")
    paths = [Path(part) for part in named.split(os.pathsep) if part]
    return load_settings(paths or [DEFAULT_CONFIG])


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = system_clock,
    passwords: PasswordHasher | None = None,
    with_web: bool = True,
) -> Flask:
    """A Flask app bound to its database and gateways.

    `with_web=False` leaves out pages and embedded jobs: for scripts and the worker.
    Raises: ConfigurationError, KeyFileError.
    """
    configure_logs(level=settings.logging.level, form=settings.logging.format)
    app = Flask(
        "wxbackend",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    wired = wire(
        settings,
        registry_in_tables=TablesRegistry(),
        passwords=passwords or ArgonHasher(),
        clock=clock,
    )
    dependencies = Dependencies(
        configured=settings.policy,
        gateways=wired.gateways,
        clock=clock,
        public_base_url=settings.server.public_base_url,
        run_soon=_run_soon(app, settings, with_web=with_web),
    )
    app.extensions["wxbackend"] = dependencies
    connect_database(
        app,
        settings.database.url,
        key_ring=wired.gateways.keys,
        pool_size=settings.database.pool_size,
    )
    if with_web:
        _add_web(app, settings, wired.cookie_secret)
        if settings.jobs.embedded:
            _run_jobs(app, settings, dependencies)
    return app


def _run_soon(app: Flask, settings: Settings, *, with_web: bool) -> RunSoon:
    if not with_web or not settings.jobs.code_threads:
        return leave_undone
    return SoonRunner(app.app_context, threads=settings.jobs.code_threads)


def _run_jobs(app: Flask, settings: Settings, dependencies: Dependencies) -> None:
    running = RunningJobs(
        app.app_context,
        dependencies,
        sending_threads=settings.jobs.sending_threads,
        watch_every=settings.jobs.watch_every,
    )
    running.start()
    atexit.register(running.stop)


def _add_web(app: Flask, settings: Settings, cookie_secret: str) -> None:
    proxies = settings.server.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0
        )
    web = WebSettings(
        is_production=settings.is_production,
        public_base_url=settings.server.public_base_url,
        cookie_secret=cookie_secret,
        js_sdk_url=settings.wechat.js_sdk_url,
        client_cookie=settings.wechat.client_cookie,
        most_upload_bytes=settings.images.most_bytes,
        identity_page=settings.weijing.web_url,
        oauth_page=settings.wechat.open_base_url,
        verification_files=settings.wechat.verification_files,
        sms_receipts_secret=settings.sms.receipts_secret,
    )
    register_handlers(app, web)
