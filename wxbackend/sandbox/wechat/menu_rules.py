"""What WeChat checks in a menu before it takes it. Lengths are counted in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wxbackend.sandbox.addresses import host_of, is_web_address
from wxbackend.sandbox.wechat.errors import WeChatError

Button = dict[str, Any]

MOST_BUTTONS = 3
MOST_SUB_BUTTONS = 5
MOST_KEY_BYTES = 128
MOST_URL_BYTES = 1024
MOST_DOMAINS = 3
KEYED_TYPES = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
NEEDS = {
    **dict.fromkeys(KEYED_TYPES, ("key",)),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "article_id": ("article_id",),
}
DEAD_RULES = frozenset({"sex", "country", "province", "city", "language"})
LIVE_RULES = frozenset({"tag_id", "group_id", "client_platform_type"})


@dataclass(frozen=True)
class Level:
    """The error codes and the name's limit of top buttons, or of the buttons below them."""

    size: int
    type: int
    name: int
    key: int
    url: int
    domain: int
    name_bytes: int


TOP = Level(40016, 40017, 40018, 40019, 40020, 40055, 16)
SUB = Level(40023, 40024, 40025, 40026, 40027, 40054, 60)


def check_buttons(body: dict[str, Any]) -> list[Button]:
    """The buttons as WeChat keeps them; every one has `sub_button`.

    Raises:
        WeChatError: a code between 40016 and 40055 says which limit was broken.
    """
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise WeChatError(TOP.size)
    return [_top_button(button) for button in buttons]


def _top_button(button: Any) -> Button:
    subs = button.get("sub_button") if isinstance(button, dict) else None
    if not subs:
        return _leaf(button, TOP)
    if not isinstance(subs, list) or len(subs) > MOST_SUB_BUTTONS:
        raise WeChatError(SUB.size)
    _check_name(button, TOP)
    if any(isinstance(sub, dict) and sub.get("sub_button") for sub in subs):
        raise WeChatError(40022)
    return {"name": button["name"], "sub_button": [_leaf(sub, SUB) for sub in subs]}


def _leaf(button: Any, level: Level) -> Button:
    if not isinstance(button, dict):
        raise WeChatError(level.size)
    _check_name(button, level)
    kind = str(button.get("type"))
    if kind not in NEEDS:
        raise WeChatError(level.type)
    kept = {"type": kind, "name": button["name"]}
    for needed in NEEDS[kind]:
        kept[needed] = _checked(button.get(needed), needed, level=level)
    return {**kept, "sub_button": []}


def _check_name(button: Button, level: Level) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= level.name_bytes:
        raise WeChatError(level.name)


def _checked(value: Any, needed: str, *, level: Level) -> str:
    if needed == "url":
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= MOST_URL_BYTES:
            raise WeChatError(level.url)
        if not is_web_address(value):
            raise WeChatError(level.domain)
    elif not isinstance(value, str) or not 1 <= len(value.encode()) <= MOST_KEY_BYTES:
        raise WeChatError(level.key)
    return value


def check_rule(body: dict[str, Any]) -> dict[str, str]:
    """The match rule with its values as texts.

    Raises:
        WeChatError: 65304 empty, 65320 a field that no longer works.
    """
    rule = body.get("matchrule")
    if not isinstance(rule, dict):
        raise WeChatError(65304)
    given = {key: str(value) for key, value in rule.items() if value not in (None, "")}
    if DEAD_RULES & set(given):
        raise WeChatError(65320)
    if not LIVE_RULES & set(given):
        raise WeChatError(65304)
    return {key: value for key, value in given.items() if key in LIVE_RULES}


def domains(buttons: list[Button]) -> set[str]:
    leaves = [leaf for top in buttons for leaf in (top["sub_button"] or [top])]
    return {host_of(leaf["url"]) or "" for leaf in leaves if "url" in leaf}
