"""The Official Account's menus and tags as the use cases see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from wxbackend.domain.menus import LiveMenus, Menu
from wxbackend.domain.roles import Role


class NotAFollower(Exception):
    """Whoever does not follow the account has no menu and can wear no tag."""


class TagRefused(Exception):
    """WeChat does not know the tag, or says so although it does: later it may (45159)."""


class MenuDesk(Protocol):
    """Menus and tags at WeChat. Called by the menu command and the schedule.

    Every method may raise GatewayError or LockNotFree.
    """

    def wanted(self) -> Mapping[Role, Menu]:
        """The menus as the file in templates/ says them, with whole addresses."""
        ...

    def read(self) -> LiveMenus: ...

    def create_tag(self, name: str) -> int: ...

    def publish_default(self, menu: Menu) -> None: ...

    def add(self, tag_id: int, menu: Menu) -> str:
        """Publish a menu for those who wear the tag; its id."""
        ...

    def remove(self, menu_id: str) -> None:
        """A menu that is gone already is fine."""
        ...

    def seen_by(self, openid: str) -> Menu:
        """The menu that WeChat would show this person. Raises: NotAFollower."""
        ...

    def tags(self) -> Mapping[str, int]: ...

    def worn_by(self, openid: str) -> list[int]:
        """Raises: NotAFollower."""
        ...

    def put_on(self, openid: str, tag_id: int) -> None:
        """Raises: NotAFollower, TagRefused."""
        ...

    def take_off(self, openid: str, tag_id: int) -> None:
        """Raises: NotAFollower, TagRefused."""
        ...

    def wearers(self, tag_id: int) -> Iterator[str]: ...

    def followers(self) -> Iterator[str]: ...
