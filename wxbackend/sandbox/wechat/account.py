"""The Official Account: everything that WeChat keeps about it."""

from __future__ import annotations

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.wechat.chat import ChatLog
from wxbackend.sandbox.wechat.client_menus import ClientMenus
from wxbackend.sandbox.wechat.jssdk import JsSdkModes
from wxbackend.sandbox.wechat.mail import MailRoom
from wxbackend.sandbox.wechat.menus import Menu, MenuShelf
from wxbackend.sandbox.wechat.oauth import OAuthDesk
from wxbackend.sandbox.wechat.quota import Quota
from wxbackend.sandbox.wechat.tags import TagCabinet
from wxbackend.sandbox.wechat.tokens import TokenOffice


class OfficialAccount:
    def __init__(self, clock: Clock) -> None:
        self.quota = Quota(clock)
        self.tokens = TokenOffice(clock, self.quota)
        self.oauth = OAuthDesk(clock)
        self.menus = MenuShelf()
        self.client_menus = ClientMenus(clock)
        self.tags = TagCabinet()
        self.mail = MailRoom(clock)
        self.chat = ChatLog(clock)
        self.jssdk = JsSdkModes()

    def menu_of(self, openid: str) -> Menu | None:
        """The menu that this follower sees."""
        worn = self.tags.worn_by(openid)
        return self.menus.seen_by(worn[0] if worn else None)
