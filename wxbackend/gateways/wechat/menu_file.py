"""The file of menus, read into WeChat's own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wxbackend.domain.menus import Menu
from wxbackend.domain.roles import Role

_KINDS = {"says": ("click", "key"), "scans": ("scancode_waitmsg", "key"), "page": ("view", "url")}


def read_menus(path: Path, *, base_url: str) -> dict[Role, Menu]:
    """The menus by role; pages become addresses under `base_url`.

    Raises: ValueError for a role that has no menu in WeChat, OSError, TOMLDecodeError.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        Role(role): tuple(_button(one, base_url) for one in menu.get("buttons", []))
        for role, menu in content.items()
    }


def _button(written: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Unknown or contradicting words leave the button without a type, which the check finds."""
    button: dict[str, Any] = {"name": str(written.get("name", ""))}
    if "buttons" in written:
        button["sub_button"] = [_button(one, base_url) for one in written["buttons"]]
        return button
    does = [word for word in written if word in _KINDS]
    if len(does) == 1 and len(written) == 2:
        kind, field = _KINDS[does[0]]
        value = str(written[does[0]])
        is_own_page = field == "url" and value.startswith("/")
        button |= {"type": kind, field: base_url + value if is_own_page else value}
    return button
