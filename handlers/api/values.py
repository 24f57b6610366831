"""What the API's handlers read out of an address, and who asks."""

from __future__ import annotations

from handlers.context import dependencies, member_of, visitor
from wxbackend.domain.errors import NotFound
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DriverScope
from wxbackend.services.scans import Guard
from wxbackend.services.shifts import current_shift


def driver_scope() -> DriverScope:
    """Raises: LookupError, where the guard has not made sure of a WeChat user."""
    found = visitor().driver_scope
    if found is None:
        raise LookupError("no driver")
    return found


def guard_on_shift() -> Guard:
    """Raises: LookupError, where the guard has not made sure of a shift."""
    member = member_of(Role.CHECKPOINT)
    shift = current_shift(dependencies(), member)
    if shift is None:
        raise LookupError("no shift")
    return Guard(member, shift)


def image_kind(text: str) -> ImageKind:
    """Raises: NotFound."""
    try:
        return ImageKind(text)
    except ValueError:
        raise NotFound from None
