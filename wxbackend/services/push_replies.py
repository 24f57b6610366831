"""Words of the account's chat: welcome, help, and the ways into the pages, by role."""

from __future__ import annotations

from dataclasses import dataclass

from wxbackend.domain.actors import Actor
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.pushes import Push
from wxbackend.domain.roles import Role, menu_role
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.followers import find_follower
from wxbackend.services.visitors import Member, Visitor, actor_of

HOMES = {
    Role.DRIVER: "/d",
    Role.CHECKPOINT: "/gate",
    Role.ENTERPRISE: "/e",
    Role.TOWN: "/t",
    Role.BUREAU: "/office",
}
_RESERVE = "/d/new"
_TOPICS = ("help", "reserve", "mine")


@dataclass(frozen=True, slots=True)
class Reader:
    """The one who reads the answer, and the addresses that are theirs."""

    visitor: Visitor
    role: Role
    request_id: str
    base: str

    @classmethod
    def of(cls, dependencies: Dependencies, openid: str, *, request_id: str) -> Reader:
        visitor = find_follower(dependencies, openid)
        role = menu_role(visitor.roles)
        return cls(visitor, role, request_id, dependencies.public_base_url)

    @property
    def facts(self) -> dict[str, str]:
        return {
            "home": self.base + HOMES[self.role],
            "mine": self.base + HOMES[Role.DRIVER],
            "reserve": self.base + _RESERVE,
        }

    def actor(self, member: Member) -> Actor:
        # Their phone talks to WeChat alone: there is no address to write down.
        return actor_of(self.visitor, member, source="", request_id=self.request_id)


def greet(dependencies: Dependencies, _push: Push, reader: Reader) -> str:
    district = dependencies.policy.district.name
    key = f"wechat.welcome.{reader.role.value}"
    return dependencies.gateways.wording.text(key, district=district, **reader.facts)


def reply_to_text(dependencies: Dependencies, push: Push, reader: Reader) -> str:
    """帮助, 预约, 我的; to anything else, which of these there are."""
    word = dependencies.gateways.wording.text
    written = clean_text(push.part("Content")).lower()
    for topic in _TOPICS:
        if written in word(f"wechat.keyword.{topic}").split():
            return _reply_on(dependencies, topic, reader)
    return word("wechat.reply.unknown")


def reply_to_click(dependencies: Dependencies, push: Push, reader: Reader) -> str:
    topic = push.part("EventKey").lower()
    return _reply_on(dependencies, topic, reader) if topic in _TOPICS else ""


def _reply_on(dependencies: Dependencies, topic: str, reader: Reader) -> str:
    word = dependencies.gateways.wording.text
    if topic == "help":
        return word(f"wechat.help.{reader.role.value}", **reader.facts)
    if topic == "reserve":
        return word("wechat.reply.reserve", **reader.facts)
    if reader.role is Role.DRIVER:
        return word("wechat.reply.mine_driver", **reader.facts)
    port = word(f"role.{reader.role.value}")
    return word("wechat.reply.mine_member", port=port, **reader.facts)
