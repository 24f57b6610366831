"""How the connection to WeChat stands, for the one who looks after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wxbackend.gateways.interfaces.wechat import WechatConnection, WechatHold
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """One app id: is a token kept, and which endpoints are left alone until when."""

    kind: str
    app_id: str
    has_token: bool
    holds: Sequence[WechatHold]
    now: datetime

    @property
    def unlisted_address(self) -> str:
        """Ours, where it is missing on WeChat's list of addresses."""
        return next((hold.address for hold in self.holds if hold.address), "")


def show_wechat_connections(dependencies: Dependencies) -> Sequence[ConnectedAccount]:
    """The Official Account, and the mini-program where there is one; asks nobody outside."""
    gateways = dependencies.gateways
    found = [_account("official_account", gateways.wechat.connection(), dependencies)]
    if gateways.mini_program.app_id:
        found.append(_account("mini_program", gateways.mini_program.connection(), dependencies))
    return found


def _account(
    kind: str, connection: WechatConnection, dependencies: Dependencies
) -> ConnectedAccount:
    return ConnectedAccount(
        kind=kind,
        app_id=connection.app_id,
        has_token=connection.has_token,
        holds=connection.holds,
        now=dependencies.clock(),
    )
