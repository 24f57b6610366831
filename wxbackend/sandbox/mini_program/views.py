"""/sns/jscode2session, /wxa/… and the subscription messages of the mini-program."""

from __future__ import annotations

import io
import re
import secrets

import qrcode
from flask import Response, request

from wxbackend.sandbox.accounts import MINI_PROGRAM, PROGRAM_TEMPLATES
from wxbackend.sandbox.exchange import this_world
from wxbackend.sandbox.mini_program.account import (
    MOST_PICTURES,
    MOST_SESSIONS,
    find_person,
    program_openid,
)
from wxbackend.sandbox.wechat.answers import json_body, ok, plain_answer
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.message_views import checked_text
from wxbackend.sandbox.wechat.token_views import check_app

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
VERSIONS = ("release", "trial", "develop")
WIDTHS = range(280, 1281)
STATES = ("formal", "trial", "developer")


@blueprint.get("/sns/jscode2session")
def session_of_code() -> Response:
    check_app(request.args.get("appid"), request.args.get("secret"), known=MINI_PROGRAM)
    if request.args.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    program = this_world().mini_program
    code = request.args.get("js_code")
    if not code:
        raise WeChatError(41008)
    openid = program.redeem("js", code)
    program.spend(f"session {openid}", most=MOST_SESSIONS, errcode=45011)
    return plain_answer(
        {"session_key": secrets.token_urlsafe(18), "openid": program_openid(openid)}
    )


@blueprint.post("/wxa/business/getuserphonenumber")
def phone_number() -> Response:
    world, body = this_world(), json_body()
    code = body.get("code")
    if not isinstance(code, str):
        raise WeChatError(40029)
    persona = world.get_persona(world.mini_program.redeem("phone", code))
    if body.get("openid") not in {None, program_openid(persona.openid)}:
        raise WeChatError(40003)
    return ok(
        phone_info={
            "phoneNumber": persona.phone,
            "purePhoneNumber": persona.phone,
            "countryCode": "86",
            "watermark": {"timestamp": int(world.clock.now()), "appid": MINI_PROGRAM.app_id},
        }
    )


@blueprint.post("/wxa/getwxacodeunlimit")
def code_picture() -> Response:
    """A QR code in place of the round one, which nobody but WeChat can draw or read."""
    body = json_body()
    scene, page = body.get("scene"), body.get("page", "")
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        raise WeChatError(40169)
    if not isinstance(page, str) or page.startswith("/"):
        raise WeChatError(41030)
    good = body.get("width", 430) in WIDTHS and body.get("env_version", "release") in VERSIONS
    if not good:
        raise WeChatError(40097)
    this_world().mini_program.spend("pictures", most=MOST_PICTURES, errcode=45009)
    picture = io.BytesIO()
    code = qrcode.make(f"wxacode:{page}?scene={scene}")
    code.get_image().convert("L").save(picture, "JPEG")
    return Response(picture.getvalue(), content_type="image/jpeg")


@blueprint.post("/cgi-bin/message/subscribe/send")
def send_subscribed() -> Response:
    world, body = this_world(), json_body()
    persona = find_person(world.personas.everyone(), str(body.get("touser")))
    template = PROGRAM_TEMPLATES.get(str(body.get("template_id")))
    if template is None:
        raise WeChatError(40037)
    page = str(body.get("page") or "")
    if page.startswith("/"):
        raise WeChatError(41030)
    if body.get("miniprogram_state", "formal") not in STATES:
        raise WeChatError(40097)
    text = checked_text(template, body)
    world.mini_program.take_agreement(persona.openid, template.id)
    raw = {**body, "kind": "subscribed", "title": template.title}
    world.inbox.deliver(
        "wechat", persona.openid, provider="mini_program", text=text, url=page or None, raw=raw
    )
    return ok()
