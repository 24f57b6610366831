"""The account's menus: what must change at WeChat, changing it, and proving that it holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from models.audit import count_actions, was_ever_done
from models.database import reading, transaction
from wxbackend.domain.actors import Actor
from wxbackend.domain.menus import (
    DAILY,
    DEFAULT_ROLE,
    LiveMenus,
    Menu,
    MenuPlan,
    fingerprint,
    plan_changes,
    problems_of,
    same,
    tag_of,
)
from wxbackend.domain.moments import day_bounds, local_day
from wxbackend.domain.roles import MENU_ORDER, Role
from wxbackend.gateways.interfaces.menus import NotAFollower
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.menu_tags import wear

_log = logging.getLogger(__name__)
_LOCK = "wechat.menus"
_LOCK_KEPT, _LOCK_WAIT = timedelta(minutes=5), timedelta(seconds=2)
_MOST_ASKED = 5
_ACTIONS = {
    "create": "publish_default_menu",
    "addconditional": "publish_role_menu",
    "delconditional": "remove_role_menu",
}


class WrongMenus(Exception):
    """The file breaks limits of WeChat's; `problems` says each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class MenuNotSeen(Exception):
    """WeChat shows somebody of this role another menu than the one just published."""

    def __init__(self, role: Role) -> None:
        super().__init__(role.value)
        self.role = role


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one call: how often we made it today, and how often it may be made."""

    call: str
    used: int
    most: int


class Evidence(StrEnum):
    PROVEN = "proven"
    WRONG = "wrong"
    NOBODY = "nobody"  # nobody wears the role's tag, and no probe was named


def plan_menus(dependencies: Dependencies) -> MenuPlan:
    """Raises: WrongMenus, GatewayError, LockNotFree."""
    return plan_changes(_wanted(dependencies), dependencies.gateways.menus.read())


def budget_of_today(dependencies: Dependencies) -> list[Budget]:
    start, _ = day_bounds(local_day(dependencies.clock()))
    with reading() as session:
        return [
            Budget(call, count_actions(session, action, since=start), DAILY[call])
            for call, action in _ACTIONS.items()
        ]


def apply_menus(dependencies: Dependencies, *, actor: Actor) -> MenuPlan:
    """Publish what is missing, see that it shows, then take away what is too much; what was done.

    A new menu stands before the old one goes: no follower is without theirs in between.
    Raises: WrongMenus, MenuNotSeen, GatewayError, LockNotFree.
    """
    wanted, desk = _wanted(dependencies), dependencies.gateways.menus
    with dependencies.gateways.shared.lock(_LOCK, keep=_LOCK_KEPT, wait=_LOCK_WAIT):
        live = desk.read()
        first = plan_changes(wanted, live)
        if first.is_empty:
            return first
        for role in first.missing_tags:
            desk.create_tag(tag_of(role))
        if first.is_default_changed:
            desk.publish_default(wanted[DEFAULT_ROLE])
            _write_down(dependencies, actor, "create", DEFAULT_ROLE, wanted, menu_id="default")
        # What publishing a default menu does to the others is not documented: read them again.
        live = desk.read()
        plan = plan_changes(wanted, live)
        for role in plan.adds:
            menu_id = desk.add(live.tags[tag_of(role)], wanted[role])
            _write_down(dependencies, actor, "addconditional", role, wanted, menu_id=menu_id)
        _must_be_seen(dependencies, wanted, live, plan.adds)
        for menu_id in plan.deletes:
            desk.remove(menu_id)
            _write_down(dependencies, actor, "delconditional", None, wanted, menu_id=menu_id)
    return MenuPlan(first.missing_tags, first.is_default_changed, plan.adds, plan.deletes)


def verify_menus(dependencies: Dependencies, *, probe: str = "") -> dict[Role, Evidence]:
    """Ask WeChat what somebody of each role sees.

    `probe` is the openid of a follower who wears each tag that nobody else does for a moment; the
    schedule gives them their own again. Raises: WrongMenus, GatewayError, LockNotFree.
    """
    wanted, live = _wanted(dependencies), dependencies.gateways.menus.read()
    found = {role: _evidence(dependencies, role, wanted[role], live) for role in MENU_ORDER}
    unproven = [role for role in MENU_ORDER if found[role] is Evidence.NOBODY]
    if probe and unproven:
        found |= _with_probe(dependencies, probe, unproven, wanted, live)
    return found


def were_menus_published() -> bool:
    """Whether this installation ever published its menus: else they are nobody's to repair."""
    with reading() as session:
        return was_ever_done(session, _ACTIONS["create"])


def _wanted(dependencies: Dependencies) -> Mapping[Role, Menu]:
    wanted = dependencies.gateways.menus.wanted()
    problems = problems_of(wanted)
    if problems:
        raise WrongMenus(problems)
    return wanted


def _evidence(dependencies: Dependencies, role: Role, wanted: Menu, live: LiveMenus) -> Evidence:
    """What a few wearers see; one of them may wear a later tag, put on by hand."""
    found = Evidence.NOBODY
    for openid in islice(_wearers(dependencies, live.tags.get(tag_of(role))), _MOST_ASKED):
        try:
            seen = dependencies.gateways.menus.seen_by(openid)
        except NotAFollower:
            continue
        if same(seen, wanted):
            return Evidence.PROVEN
        found = Evidence.WRONG
    return found


def _wearers(dependencies: Dependencies, tag_id: int | None) -> Iterator[str]:
    if tag_id is not None:
        yield from dependencies.gateways.menus.wearers(tag_id)


def _with_probe(
    dependencies: Dependencies,
    probe: str,
    roles: list[Role],
    wanted: Mapping[Role, Menu],
    live: LiveMenus,
) -> dict[Role, Evidence]:
    found = {}
    with wear(dependencies, probe) as change_to:
        for role in roles:
            if tag_of(role) not in live.tags:
                continue
            change_to(role)
            seen = dependencies.gateways.menus.seen_by(probe)
            found[role] = Evidence.PROVEN if same(seen, wanted[role]) else Evidence.WRONG
    return found


def _must_be_seen(
    dependencies: Dependencies,
    wanted: Mapping[Role, Menu],
    live: LiveMenus,
    roles: tuple[Role, ...],
) -> None:
    for role in roles:
        if _evidence(dependencies, role, wanted[role], live) is Evidence.WRONG:
            raise MenuNotSeen(role)


def _write_down(
    dependencies: Dependencies,
    actor: Actor,
    call: str,
    role: Role | None,
    wanted: Mapping[Role, Menu],
    *,
    menu_id: str,
) -> None:
    details = {"role": role.value, "menu": fingerprint(wanted[role])} if role else {}
    now = dependencies.clock()
    with transaction() as session:
        record(session, actor, _ACTIONS[call], about=("menu", menu_id), now=now, details=details)
    _log.info("menu changed", extra={"call": call, "menu_id": menu_id})
