"""The phone's page, its scanner, and the files that both load."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask import send_from_directory as send
from werkzeug.wrappers import Response as AnyResponse

from wxbackend.sandbox.addresses import host_of, is_loopback, origin_of, port_of, with_host
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.security import SCANNER_PATH, app_address
from wxbackend.sandbox.wechat.authorize import COOKIE

blueprint = Blueprint("phone_pages", __name__)
mimetypes.add_type("application/wasm", ".wasm")


@blueprint.get("/")
def phone() -> AnyResponse:
    elsewhere = _public_name()
    if elsewhere:
        return redirect(elsewhere)
    world = this_world()
    everyone = world.personas.everyone()
    holder = world.personas.find(request.cookies.get(COOKIE)) or next(iter(everyone), None)
    page = render_template(
        "sandbox/phone.html",
        app_url=app_address(),
        openid=holder.openid if holder else "",
    )
    return make_response(page)


def _public_name() -> str | None:
    """The same page under the public name, when another name of this machine was typed.

    The app sends its sign-ins to the public name: under another one the browser would keep two
    sets of cookies, and the phone would never be the one who signs in.
    """
    public, typed = host_of(this_world().options.public_url), host_of(request.host_url)
    if public == typed or not (is_loopback(public) and is_loopback(typed)):
        return None
    address = f"http://{request.host}" if port_of(request.host_url) else request.host_url
    return with_host(address, public or "") + "/"


@blueprint.get(SCANNER_PATH)
def scanner() -> Response:
    """The scanner in a frame; it gives its result to the phone or to the app, nobody else."""
    page = render_template(
        "sandbox/scanner.html",
        origins=[origin_of(request.host_url), origin_of(app_address())],
    )
    return make_response(page)


@blueprint.get("/sandbox/static/vendor/<path:name>")
def vendor(name: str) -> Response:
    return send(this_world().options.vendor, name)


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    return redirect("/sandbox/static/icon.svg")
