"""The XML of a push: what a person said or did, in WeChat's words."""

from __future__ import annotations

from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from wxbackend.sandbox.accounts import WECHAT


class ReplyError(ValueError):
    """The app's passive reply is no XML that WeChat would take."""


def to_xml(fields: dict[str, Any]) -> str:
    return f"<xml>{_elements(fields)}</xml>"


def _elements(fields: dict[str, Any]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def from_xml(text: str) -> dict[str, str]:
    """The top elements with their texts.

    Raises:
        ReplyError: it is not XML, or carries entities.
    """
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ReplyError("not XML") from error
    return {element.tag: element.text or "" for element in root}


def text_push(openid: str, content: str, *, at: int, message_id: int) -> dict[str, Any]:
    return {
        **_head(openid, at, kind="text"),
        "Content": content,
        "MsgId": message_id,
    }


def event_push(
    openid: str, event: str, *, at: int, key: str, extra: dict[str, Any]
) -> dict[str, Any]:
    fields = {**_head(openid, at, kind="event"), "Event": event}
    if event != "TEMPLATESENDJOBFINISH":
        fields["EventKey"] = key
    return {**fields, **extra}


def _head(openid: str, at: int, *, kind: str) -> dict[str, Any]:
    return {
        "ToUserName": WECHAT.original_id,
        "FromUserName": openid,
        "CreateTime": at,
        "MsgType": kind,
    }
