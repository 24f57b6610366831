"""/cgi-bin/message/: template, subscription and customer-service messages."""

from __future__ import annotations

from typing import Any

from flask import Response

from wxbackend.sandbox.accounts import TEMPLATES, MessageTemplate
from wxbackend.sandbox.exchange import remark, this_world
from wxbackend.sandbox.personas import Persona
from wxbackend.sandbox.wechat.answers import json_body, ok
from wxbackend.sandbox.wechat.api import blueprint
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.field_rules import fits
from wxbackend.sandbox.wechat.push import Push, deliver
from wxbackend.sandbox.wechat.push_xml import event_push

FINISH_DELAY_SECONDS = 0.3
MOST_CUSTOM_BYTES = 2_048
SUBSCRIPTION_ERRORS = {"success": 0, "failed:user block": 43101, "failed: system failed": -1}


@blueprint.post("/cgi-bin/message/template/send")
def send_template() -> Response:
    body = json_body()
    persona = _recipient(body)
    template = _template(body)
    if not persona.subscribed:
        raise WeChatError(43004)
    text = checked_text(template, body)
    mail = this_world().wechat.mail
    client_id = body.get("client_msg_id")
    earlier = mail.earlier(persona.openid, str(client_id)) if client_id else None
    if earlier is not None:
        remark("duplicate")
        return ok(msgid=earlier)
    number = mail.number()
    if client_id:
        mail.remember(persona.openid, str(client_id), number=number)
    _post(persona, template, number=number, text=text, body=body)
    return ok(msgid=number)


def _post(
    persona: Persona, template: MessageTemplate, *, number: int, text: str, body: dict[str, Any]
) -> None:
    """Put it into the inbox unless it is to fail, and tell the app later how it ended."""
    world = this_world()
    outcome = world.wechat.mail.take_outcome()
    if outcome == "success":
        _put_into_inbox(persona, template, text=text, body=body)
    extra = {"MsgID": number, "Status": outcome}
    fields = event_push(
        persona.openid,
        "TEMPLATESENDJOBFINISH",
        at=int(world.clock.now()),
        key="",
        extra=extra,
    )
    if world.push_url:
        world.courier.send(lambda: deliver(world, Push(fields)), delay_seconds=FINISH_DELAY_SECONDS)


def _put_into_inbox(
    persona: Persona, template: MessageTemplate, *, text: str, body: dict[str, Any]
) -> None:
    this_world().inbox.deliver(
        "wechat",
        persona.openid,
        provider="wechat",
        text=text,
        url=str(body.get("url") or body.get("page") or "") or None,
        raw={**body, "kind": "template", "title": template.title},
    )


@blueprint.post("/cgi-bin/message/subscribe/bizsend")
def send_subscription() -> Response:
    """The newer kind; like the platform, it answers without a message number."""
    body = json_body()
    persona = _recipient(body)
    template = _template(body)
    if not persona.subscribed:
        raise WeChatError(43101)
    text = checked_text(template, body)
    outcome = this_world().wechat.mail.take_outcome()
    if outcome == "success":
        _put_into_inbox(persona, template, text=text, body=body)
    _tell_sent(persona, template, outcome)
    return ok()


def _tell_sent(persona: Persona, template: MessageTemplate, outcome: str) -> None:
    """Tell the app of a subscription message: by template, since it got no number."""
    world = this_world()
    report = {
        "TemplateId": template.id,
        "MsgID": world.wechat.mail.number(),
        "ErrorCode": SUBSCRIPTION_ERRORS[outcome],
        "ErrorStatus": outcome,
    }
    fields = event_push(
        persona.openid,
        "subscribe_msg_sent_event",
        at=int(world.clock.now()),
        key="",
        extra={"SubscribeMsgSentEvent": {"List": report}},
    )
    if world.push_url:
        world.courier.send(lambda: deliver(world, Push(fields)), delay_seconds=FINISH_DELAY_SECONDS)


@blueprint.post("/cgi-bin/message/custom/send")
def send_custom() -> Response:
    body = json_body()
    persona = _recipient(body)
    world = this_world()
    if not (persona.subscribed and world.wechat.chat.may_write_to(persona.openid)):
        raise WeChatError(45015)
    kind = body.get("msgtype")
    part = body.get("text")
    if kind != "text":
        raise WeChatError(40008)
    content = part.get("content") if isinstance(part, dict) else None
    if not isinstance(content, str) or not 1 <= len(content.encode()) <= MOST_CUSTOM_BYTES:
        raise WeChatError(44004)
    raw = {**body, "kind": "custom"}
    world.inbox.deliver("wechat", persona.openid, provider="wechat", text=content, raw=raw)
    return ok()


def _recipient(body: dict[str, Any]) -> Persona:
    touser = body.get("touser")
    persona = this_world().personas.find(touser if isinstance(touser, str) else None)
    if persona is None:
        raise WeChatError(40003)
    return persona


def _template(body: dict[str, Any]) -> MessageTemplate:
    template = TEMPLATES.get(str(body.get("template_id")))
    if template is None:
        raise WeChatError(40037)
    return template


def checked_text(template: MessageTemplate, body: dict[str, Any]) -> str:
    """The lines that the person reads.

    Raises:
        WeChatError: 47003 names the first field whose value the platform would not take.
    """
    fields = body.get("data")
    lines = []
    for wanted in template.fields:
        given = fields.get(wanted.key) if isinstance(fields, dict) else None
        value = given.get("value") if isinstance(given, dict) else None
        if not isinstance(value, str) or not value:
            raise WeChatError(47003, f"argument invalid! data.{wanted.key}.value is empty")
        if not fits(wanted.kind, value):
            raise WeChatError(47003, f"argument invalid! data.{wanted.key}.value invalid")
        lines.append(f"{wanted.label}：{value}")
    return "\n".join(lines)
