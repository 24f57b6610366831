"""The menus of the account: the default one, and those for people with a certain tag."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.menu_rules import MOST_DOMAINS, Button, domains

FIRST_MENU_ID = 208_396_938


@dataclass(frozen=True)
class Menu:
    id: int
    buttons: list[Button]


@dataclass(frozen=True)
class ConditionalMenu(Menu):
    rule: dict[str, str]

    @property
    def tag_id(self) -> str | None:
        return self.rule.get("tag_id") or self.rule.get("group_id")


class MenuShelf:
    def __init__(self) -> None:
        self._lock = Lock()
        self._last_id = FIRST_MENU_ID
        self.default: Menu | None = None
        self.conditionals: list[ConditionalMenu] = []  # newest first, the order of matching

    def publish(self, buttons: list[Button]) -> None:
        with self._lock:
            self.default = Menu(self._next_id(), buttons)

    def add(self, buttons: list[Button], rule: dict[str, str]) -> int:
        """Publish a menu for the people who match.

        Raises:
            WeChatError: 65303 there is no default menu, 65316 links to a fourth domain.
        """
        with self._lock:
            if self.default is None:
                raise WeChatError(65303)
            linked = domains(buttons).union(*(domains(m.buttons) for m in self.conditionals))
            if len(linked) > MOST_DOMAINS:
                raise WeChatError(65316)
            menu = ConditionalMenu(self._next_id(), buttons, rule)
            self.conditionals.insert(0, menu)
            return menu.id

    def remove(self, menu_id: str) -> None:
        """Take one conditional menu away.

        Raises:
            WeChatError: 65301 it is not one.
        """
        with self._lock:
            kept = [menu for menu in self.conditionals if str(menu.id) != menu_id]
            if len(kept) == len(self.conditionals):
                raise WeChatError(65301)
            self.conditionals = kept

    def remove_all(self) -> None:
        with self._lock:
            self.default, self.conditionals = None, []

    def seen_by(self, last_tag: int | None) -> Menu | None:
        """The menu for somebody whose tag of latest date is this one: the first match wins."""
        for menu in self.conditionals:
            if menu.tag_id is None or menu.tag_id == str(last_tag):
                return menu
        return self.default

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
