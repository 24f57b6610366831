"""Role tags of followers: exactly one each, put on one person at a time, proven by WeChat.

A tag only chooses a menu. What somebody may do is decided by their binding, long before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from models.accounts import find_wechat_user
from models.database import Session, reading, transaction
from models.menu_tags import (
    ask_for_tags,
    list_bound_users,
    list_due_tags,
    settle_tag,
    take_tag,
)
from wxbackend.domain.menus import DEFAULT_ROLE, LiveMenus, same, tag_of
from wxbackend.domain.pushes import Push
from wxbackend.domain.roles import MENU_ORDER, Role, menu_role
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.menus import NotAFollower, TagRefused
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.members import Moment
from wxbackend.services.visitors import visitor_in_wechat

_log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=2)
_LOCK_KEPT, _LOCK_WAIT = timedelta(minutes=1), timedelta(seconds=10)
# After each failure; 45159 comes at random when WeChat is not done with the change before.
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 600, 3_600))
_SETTLED = ""
_NOT_FOLLOWING = "not_following"


class MenuNotMatched(Exception):
    """The tag is on, and WeChat shows another menu all the same."""


@dataclass(frozen=True, slots=True)
class _Turn:
    user_id: int
    openid: str
    role: Role
    attempts: int
    leased_until: datetime


class _Live:
    """What stands at WeChat, read once for many people: reading is counted by the day."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._desk = dependencies.gateways.menus

    @cached_property
    def _menus(self) -> LiveMenus:
        return self._desk.read()

    @cached_property
    def tags(self) -> dict[str, int]:
        return dict(self._menus.tags)

    def tag_id(self, role: Role) -> int:
        name = tag_of(role)
        if name not in self.tags:
            self.tags[name] = self._desk.create_tag(name)
        return self.tags[name]

    def shows(self, openid: str, role: Role) -> bool:
        """Whether the person sees the role's menu as it stands; drivers see the default one."""
        if role is DEFAULT_ROLE or self._menus.default is None:
            return True
        own = [menu for menu in self._menus.others if menu.tag_id == self.tags[tag_of(role)]]
        newest = max(own, key=lambda menu: int(menu.id), default=None)
        return newest is None or same(self._desk.seen_by(openid), newest.buttons)


def look_at_follower(dependencies: Dependencies, push: Push) -> None:
    """After 关注 nobody wears a tag, after 取消关注 nobody can.

    Both only have the schedule look: the two may arrive in the wrong order.
    """
    app_id, now = dependencies.gateways.wechat.app_id, dependencies.clock()
    with transaction() as session:
        ask_for_tags(session, app_id, [push.openid], now=now)


def apply_tags(dependencies: Dependencies, *, limit: int) -> int:
    """Put on the tags whose turn has come; how many were tried."""
    turns, live = _take(dependencies, limit=limit), _Live(dependencies)
    for turn in turns:
        _settle(dependencies, turn, live)
    return len(turns)


def find_tag_drift(dependencies: Dependencies) -> int:
    """Have everybody looked at who does not wear exactly their role's tag; how many.

    Raises: GatewayError, LockNotFree.
    """
    desk, now = dependencies.gateways.menus, dependencies.clock()
    tags = desk.tags()
    worn: dict[str, set[Role]] = {}
    for role in MENU_ORDER:
        for openid in desk.wearers(tags[tag_of(role)]) if tag_of(role) in tags else ():
            worn.setdefault(openid, set()).add(role)
    app_id = dependencies.gateways.wechat.app_id
    with reading() as session:
        roles = _roles_of_members(session, dependencies, app_id)
    followers = set(desk.followers())
    wrong = [
        openid
        for openid in followers
        if worn.get(openid, set()) != {roles.get(openid, Role.DRIVER)}
    ]
    with transaction() as session:
        return ask_for_tags(session, app_id, wrong, now=now)


@contextmanager
def wear(dependencies: Dependencies, openid: str) -> Iterator[Callable[[Role], None]]:
    """Let somebody wear one role's tag after another; the schedule gives them their own again."""
    desk = dependencies.gateways.menus
    tags = desk.tags()
    with _alone(dependencies, openid):
        try:
            yield lambda role: _change(dependencies, openid, role, tags)
        finally:
            app_id, now = dependencies.gateways.wechat.app_id, dependencies.clock()
            with transaction() as session:
                ask_for_tags(session, app_id, [openid], now=now)


def _take(dependencies: Dependencies, *, limit: int) -> list[_Turn]:
    now, app_id = dependencies.clock(), dependencies.gateways.wechat.app_id
    with reading() as session:
        due = [
            (user.id, user.tag_due_at, user.tag_attempts)
            for user in list_due_tags(session, app_id, now=now, limit=limit)
        ]
    turns = []
    for user_id, due_at, attempts in due:
        with transaction() as session:
            if due_at is None or not take_tag(
                session, user_id, due_at=due_at, leased_until=now + _LEASE
            ):
                continue
            user = find_wechat_user(session, user_id)
            if user is not None:
                role = _role_of(session, dependencies, user.id)
                turns.append(_Turn(user_id, user.openid, role, attempts, now + _LEASE))
    return turns


def _role_of(session: Session, dependencies: Dependencies, user_id: int) -> Role:
    user = find_wechat_user(session, user_id)
    if user is None:
        return Role.DRIVER
    moment = Moment(dependencies.clock(), dependencies.policy.sign_in)
    return menu_role(visitor_in_wechat(session, user, moment).roles)


def _roles_of_members(
    session: Session, dependencies: Dependencies, app_id: str
) -> Mapping[str, Role]:
    users = list_bound_users(session, app_id)
    return {user.openid: _role_of(session, dependencies, user.id) for user in users}


def _settle(dependencies: Dependencies, turn: _Turn, live: _Live) -> None:
    name, answer, pause = _try(dependencies, turn, live)
    next_at = None if pause is None else dependencies.clock() + pause
    with transaction() as session:
        settle_tag(
            session,
            turn.user_id,
            leased_until=turn.leased_until,
            name=name,
            answer=answer,
            next_at=next_at,
        )
    _log.info(
        "menu tag tried",
        extra={"wechat_user": turn.user_id, "role": turn.role.value, "answer": answer},
    )


def _try(
    dependencies: Dependencies, turn: _Turn, live: _Live
) -> tuple[str | None, str, timedelta | None]:
    """The tag that is proven now, WeChat's word, and the pause before the next try."""
    pause = _PAUSES[min(turn.attempts, len(_PAUSES) - 1)]
    try:
        _prove(dependencies, turn.openid, turn.role, live)
    except NotAFollower:
        return "", _NOT_FOLLOWING, None
    except (TagRefused, MenuNotMatched) as error:
        return None, type(error).__name__, pause
    except LockNotFree:
        return None, "lock_not_free", pause
    except GatewayError as error:
        return None, error.code, max(pause, error.wait or timedelta())
    return tag_of(turn.role), _SETTLED, None


def _prove(dependencies: Dependencies, openid: str, role: Role, live: _Live) -> None:
    """One tag, and the menu that goes with it, seen by WeChat's own matching."""
    desk, tag_id = dependencies.gateways.menus, live.tag_id(role)
    with _alone(dependencies, openid):
        _change(dependencies, openid, role, live.tags)
        if live.shows(openid, role):
            return
        # Another tag, put on by hand, was the last one: only the last one counts.
        desk.take_off(openid, tag_id)
        desk.put_on(openid, tag_id)
        if not live.shows(openid, role):
            raise MenuNotMatched


def _change(dependencies: Dependencies, openid: str, role: Role, tags: Mapping[str, int]) -> None:
    """Take every other role's tag off, put this one on, and see that it is the only one."""
    desk, wanted = dependencies.gateways.menus, tags[tag_of(role)]
    others = {tags[tag_of(one)] for one in MENU_ORDER if tag_of(one) in tags} - {wanted}
    worn = desk.worn_by(openid)
    for tag_id in others & set(worn):
        desk.take_off(openid, tag_id)
    if wanted not in worn:
        desk.put_on(openid, wanted)
    if set(desk.worn_by(openid)) & (others | {wanted}) != {wanted}:
        raise TagRefused


@contextmanager
def _alone(dependencies: Dependencies, openid: str) -> Iterator[None]:
    """WeChat loses tags of a person whom two calls change at once (wechat.md section 2, row 23)."""
    key = dependencies.gateways.keys.keyed_hash(openid, purpose="wechat.tag").hex()
    with dependencies.gateways.shared.lock(f"wechat.tag:{key}", keep=_LOCK_KEPT, wait=_LOCK_WAIT):
        yield
