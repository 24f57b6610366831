"""What the schedule does for the account's menus: tags at once, everything else every night."""

from __future__ import annotations

from wxbackend.domain.actors import system_actor
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.menu_tags import apply_tags, find_tag_drift
from wxbackend.services.menus import apply_menus, were_menus_published

_ACTOR = system_actor("menus")
_BATCH = 20


def apply_due_tags(dependencies: Dependencies) -> int:
    return apply_tags(dependencies, limit=_BATCH)


def repair_menus(dependencies: Dependencies) -> int:
    """Put right what somebody changed by hand, or WeChat lost; how much was not as it should be.

    An installation that never published its menus has none to repair.
    Raises: WrongMenus, MenuNotSeen, GatewayError, LockNotFree.
    """
    if not were_menus_published():
        return 0
    # Tags first: whatever keeps the menus from being published must not keep people from theirs.
    wrong_tags = find_tag_drift(dependencies)
    done = apply_menus(dependencies, actor=_ACTOR)
    changed = len(done.missing_tags) + done.is_default_changed + len(done.adds) + len(done.deletes)
    return changed + wrong_tags
