"""The pass code as WeChat's own picture, which opens the mini-program."""

from __future__ import annotations

from wxbackend.domain.errors import NotFound
from wxbackend.domain.scope import DriverScope
from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.api_tokens import MiniProgramUnavailable
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.reservation_views import show_own


def draw_program_code(dependencies: Dependencies, scope: DriverScope, public_id: str) -> bytes:
    """A JPEG whose scene is the pass token: 26 of the 32 characters that WeChat allows.

    Raises: NotFound, MiniProgramUnavailable.
    """
    shown = show_own(dependencies, scope, public_id).shown_pass
    if shown is None:
        raise NotFound
    token = shown.link.rpartition("/")[2]
    try:
        return dependencies.gateways.mini_program.draw_code(token)
    except (GatewayError, LockNotFree):
        raise MiniProgramUnavailable from None
