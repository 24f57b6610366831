"""Puts the sandbox together."""

from __future__ import annotations

from flask import Flask

from wxbackend.sandbox import health
from wxbackend.sandbox.control import mini_program as control_mini_program
from wxbackend.sandbox.control import records, state, steering, wechat_rules
from wxbackend.sandbox.exchange import Line
from wxbackend.sandbox.mini_program import views as program_views
from wxbackend.sandbox.options import PACKAGE, Options
from wxbackend.sandbox.phone import actions, pages
from wxbackend.sandbox.security import add_headers
from wxbackend.sandbox.sms import aliyun, mas, tencent
from wxbackend.sandbox.strays import STRAY_ERRORS, answer_stray
from wxbackend.sandbox.wechat import (
    api,
    authorize,
    jssdk_views,
    menu_views,
    message_views,
    sns_views,
    tag_views,
    token_views,
)
from wxbackend.sandbox.weijing import pages as weijing_pages
from wxbackend.sandbox.weijing import views as weijing_views
from wxbackend.sandbox.world import World
from wxbackend.sandbox.yuezhengyi import views as yuezhengyi_views

MOST_BODY_BYTES = 32 * 1024 * 1024

# These hang their routes on WeChat's one blueprint by being imported.
WECHAT_VIEWS = (menu_views, message_views, program_views, sns_views, tag_views, token_views)


def create_app(options: Options) -> Flask:
    app = Flask(
        __name__,
        template_folder=str(PACKAGE / "templates"),
        static_folder=str(PACKAGE / "static"),
        static_url_path="/sandbox/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = World(options)
    for blueprint in (
        api.blueprint,
        authorize.blueprint,
        jssdk_views.blueprint,
        weijing_views.blueprint,
        weijing_pages.blueprint,
        yuezhengyi_views.blueprint,
        mas.make_blueprint("sms.mas", "/sms"),
        mas.make_blueprint("sms.mas2", "/sms-2"),
        tencent.blueprint,
        aliyun.blueprint,
        health.blueprint,
        control_mini_program.blueprint,
        state.blueprint,
        records.blueprint,
        steering.blueprint,
        wechat_rules.blueprint,
        pages.blueprint,
        actions.blueprint,
    ):
        app.register_blueprint(blueprint)
    for error in STRAY_ERRORS:
        app.register_error_handler(error, answer_stray)
    app.after_request(add_headers)
    app.wsgi_app = Line(app.wsgi_app)  # type: ignore[method-assign]
    return app
