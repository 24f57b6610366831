"""Menus and tags through WeChat's API. Source: wechat.md section 4.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wxbackend.domain.menus import LiveMenu, LiveMenus, Menu, plain
from wxbackend.domain.roles import Role
from wxbackend.gateways.errors import PermanentGatewayError, UnknownOutcomeError
from wxbackend.gateways.interfaces.menus import NotAFollower, TagRefused
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.codes import SYSTEM
from wxbackend.gateways.wechat.menu_file import read_menus

_NO_MENU = "46003"
_NO_SUCH_MENU = "65301"
_TAG_REFUSED = "45159"
_NO_FOLLOWER = frozenset({"40003", "43004", "49003", "65302"})
# Pages of 10,000; a next_openid that repeats would be read for ever (wechat.md section 3.6).
_MOST_PAGES = 100


class AccountMenus:
    def __init__(self, calls: WechatCalls, *, file: Path, base_url: str) -> None:
        self._calls = calls
        self._file = file
        self._base_url = base_url

    def wanted(self) -> dict[Role, Menu]:
        return read_menus(self._file, base_url=self._base_url)

    def read(self) -> LiveMenus:
        try:
            answer = self._calls.get("cgi-bin/menu/get")
        except PermanentGatewayError as error:
            if error.code != _NO_MENU:
                raise
            answer = {}
        default = answer.get("menu")
        return LiveMenus(
            default=plain(default["button"]) if default else None,
            others=tuple(_live(menu) for menu in answer.get("conditionalmenu") or []),
            tags=self.tags(),
        )

    def create_tag(self, name: str) -> int:
        answer = self._calls.post("cgi-bin/tags/create", {"tag": {"name": name}})
        return int(answer["tag"]["id"])

    def publish_default(self, menu: Menu) -> None:
        self._calls.post("cgi-bin/menu/create", {"button": list(menu)}, repeatable=True)

    def add(self, tag_id: int, menu: Menu) -> str:
        body = {"button": list(menu), "matchrule": {"tag_id": str(tag_id)}}
        answer = self._calls.post("cgi-bin/menu/addconditional", body)
        if "menuid" not in answer:
            raise UnknownOutcomeError(SYSTEM, "no_menuid")
        return str(answer["menuid"])

    def remove(self, menu_id: str) -> None:
        try:
            self._calls.post("cgi-bin/menu/delconditional", {"menuid": menu_id}, repeatable=True)
        except PermanentGatewayError as error:
            if error.code != _NO_SUCH_MENU:
                raise

    def seen_by(self, openid: str) -> Menu:
        answer = self._of_follower("cgi-bin/menu/trymatch", {"user_id": openid})
        # Older answers wrap it once more.
        found = answer.get("menu", answer)
        return plain(found.get("button") or [])

    def tags(self) -> dict[str, int]:
        answer = self._calls.get("cgi-bin/tags/get")
        return {str(tag["name"]): int(tag["id"]) for tag in answer.get("tags") or []}

    def worn_by(self, openid: str) -> list[int]:
        answer = self._of_follower("cgi-bin/tags/getidlist", {"openid": openid})
        return [int(tag_id) for tag_id in answer.get("tagid_list") or []]

    def put_on(self, openid: str, tag_id: int) -> None:
        body = {"openid_list": [openid], "tagid": tag_id}
        self._of_follower("cgi-bin/tags/members/batchtagging", body)

    def take_off(self, openid: str, tag_id: int) -> None:
        body = {"openid_list": [openid], "tagid": tag_id}
        self._of_follower("cgi-bin/tags/members/batchuntagging", body)

    def wearers(self, tag_id: int) -> Iterator[str]:
        def page(after: str) -> dict[str, Any]:
            return self._calls.post(
                "cgi-bin/user/tag/get", {"tagid": tag_id, "next_openid": after}, repeatable=True
            )

        return _everybody(page)

    def followers(self) -> Iterator[str]:
        return _everybody(lambda after: self._calls.get("cgi-bin/user/get", {"next_openid": after}))

    def _of_follower(self, endpoint: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._calls.post(endpoint, body, repeatable=True)
        except PermanentGatewayError as error:
            if error.code in _NO_FOLLOWER:
                raise NotAFollower from None
            if error.code == _TAG_REFUSED:
                raise TagRefused from None
            raise


def _live(menu: Mapping[str, Any]) -> LiveMenu:
    """Read back, the tag stands under its old name, and both ids are numbers."""
    rule = menu.get("matchrule") or {}
    tag = rule.get("tag_id") or rule.get("group_id")
    return LiveMenu(str(menu["menuid"]), int(tag) if tag else None, plain(menu["button"]))


def _everybody(page: Callable[[str], Mapping[str, Any]]) -> Iterator[str]:
    after = ""
    for _ in range(_MOST_PAGES):
        answer = page(after)
        yield from (answer.get("data") or {}).get("openid") or []
        before, after = after, str(answer.get("next_openid") or "")
        if not after or after == before or not answer.get("count"):
            return
