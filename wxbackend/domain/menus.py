"""Menus of the Official Account: the platform's limits, and what must change there.

A menu is a tuple of buttons in WeChat's own words (`name`, `type`, `url`, `key`, `sub_button`),
without what WeChat adds when it is read back. Source: wechat.md section 4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from wxbackend.domain.roles import MENU_ORDER, Role

Button = Mapping[str, Any]
Menu = Sequence[Button]

DEFAULT_ROLE = Role.DRIVER
TAG_PREFIX = "role:"
TOPICS = frozenset({"HELP", "RESERVE", "MINE"})
SCAN_KEY = "GATE_SCAN"
# What each call may be made a day. Source: wechat.md section 4.1.
DAILY = {"create": 1_000, "addconditional": 2_000, "delconditional": 2_000}
_MOST_TOP, _MOST_BELOW = 3, 5
_TOP_BYTES, _BELOW_BYTES = 16, 60
_MOST_KEY_BYTES, _MOST_URL_BYTES = 128, 1_024
_MOST_DOMAINS = 3
_KEYED = frozenset({"click", "scancode_waitmsg"})


def tag_of(role: Role) -> str:
    return TAG_PREFIX + role.value


@dataclass(frozen=True, slots=True)
class LiveMenu:
    """A personalised menu as it stands at WeChat; without a tag it is for whom we do not know."""

    id: str
    tag_id: int | None
    buttons: Menu


@dataclass(frozen=True, slots=True)
class LiveMenus:
    """Everything that stands at WeChat: the default menu, the others, tags by their names."""

    default: Menu | None
    others: tuple[LiveMenu, ...]
    tags: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MenuPlan:
    """What must be done there for every role to see its menu; `deletes` are menu ids."""

    missing_tags: tuple[Role, ...]
    is_default_changed: bool
    adds: tuple[Role, ...]
    deletes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.missing_tags or self.is_default_changed or self.adds or self.deletes)


def plan_changes(wanted: Mapping[Role, Menu], live: LiveMenus) -> MenuPlan:
    """Of each role's menus the newest counts, and must be the wanted one; no other may stand."""
    kept = {role: _standing(role, menu, live) for role, menu in wanted.items()}
    ids = {menu.id for menu in kept.values() if menu is not None}
    roles = [role for role in MENU_ORDER if role is not DEFAULT_ROLE]
    return MenuPlan(
        missing_tags=tuple(role for role in MENU_ORDER if tag_of(role) not in live.tags),
        is_default_changed=live.default is None or not same(live.default, wanted[DEFAULT_ROLE]),
        adds=tuple(role for role in roles if kept[role] is None),
        deletes=tuple(menu.id for menu in live.others if menu.id not in ids),
    )


def _standing(role: Role, wanted: Menu, live: LiveMenus) -> LiveMenu | None:
    """The role's menu, if the newest one for its tag is the wanted one."""
    if role is DEFAULT_ROLE:
        return None
    own = [menu for menu in live.others if menu.tag_id == live.tags.get(tag_of(role))]
    newest = max(own, key=lambda menu: int(menu.id), default=None)
    return newest if newest is not None and same(newest.buttons, wanted) else None


def same(one: Menu, other: Menu) -> bool:
    return fingerprint(one) == fingerprint(other)


def fingerprint(menu: Menu) -> str:
    """Equal for menus that look and do the same."""
    text = json.dumps(list(menu), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(buttons: Iterable[Mapping[str, Any]]) -> Menu:
    """A menu as WeChat gives it back, without the empty parts that it adds."""
    kept = []
    for button in buttons:
        own = {name: value for name, value in button.items() if name != "sub_button"}
        below = button.get("sub_button")
        if isinstance(below, Mapping):  # one of its calls wraps them once more
            below = below.get("list")
        if below:
            own["sub_button"] = list(plain(below))
        kept.append(own)
    return tuple(kept)


# ---- the limits, checked before anything is sent -------------------------------------------------


def problems_of(menus: Mapping[Role, Menu]) -> list[str]:
    """Every limit that is broken, each in a sentence that begins with the role."""
    found = [f"{role}: has no menu" for role in MENU_ORDER if role not in menus]
    for role, menu in menus.items():
        found += [f"{role}: {problem}" for problem in _problems(menu)]
    others = [menu for role, menu in menus.items() if role is not DEFAULT_ROLE]
    hosts = {
        urlsplit(leaf["url"]).netloc for menu in others for leaf in leaves(menu) if "url" in leaf
    }
    if len(hosts) > _MOST_DOMAINS:
        found.append(f"all roles: links to {len(hosts)} domains; at most {_MOST_DOMAINS} may be")
    return found


def leaves(menu: Menu) -> Iterator[Button]:
    """The buttons that do something."""
    for button in menu:
        yield from button.get("sub_button") or [button]


def _problems(menu: Menu) -> Iterator[str]:
    if not 1 <= len(menu) <= _MOST_TOP:
        yield f"{len(menu)} buttons on top; 1 to {_MOST_TOP} may be"
    for button in menu:
        yield from _name_problems(button, _TOP_BYTES)
        below = button.get("sub_button")
        if below is None:
            yield from _leaf_problems(button)
            continue
        if not 1 <= len(below) <= _MOST_BELOW:
            yield f"{button['name']}: {len(below)} buttons below it; 1 to {_MOST_BELOW} may be"
        for leaf in below:
            yield from _name_problems(leaf, _BELOW_BYTES)
            yield from _leaf_problems(leaf)


def _name_problems(button: Button, most: int) -> Iterator[str]:
    size = len(button["name"].encode())
    if not 1 <= size <= most:
        yield f"{button['name'] or 'a button'}: its name has {size} bytes; 1 to {most} may be"


def _leaf_problems(leaf: Button) -> Iterator[str]:
    name, kind = leaf["name"], leaf.get("type")
    if "sub_button" in leaf:
        yield f"{name}: buttons stand two levels deep at most"
    elif kind == "view":
        parts = urlsplit(leaf["url"])
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            yield f"{name}: {leaf['url']} is no address of a page"
        if len(leaf["url"].encode()) > _MOST_URL_BYTES:
            yield f"{name}: its address is longer than {_MOST_URL_BYTES} bytes"
    elif kind in _KEYED:
        if not 1 <= len(leaf["key"].encode()) <= _MOST_KEY_BYTES:
            yield f"{name}: its key must have 1 to {_MOST_KEY_BYTES} bytes"
        elif leaf["key"] not in (TOPICS if kind == "click" else {SCAN_KEY}):
            yield f"{name}: nothing answers to {leaf['key']}"
    else:
        yield f"{name}: says neither page, says, scans nor buttons"
