"""The platforms' tokens are fetched before somebody needs them."""

from __future__ import annotations

from wxbackend.gateways.errors import GatewayError
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.dependencies import Dependencies


def warm_up_tokens(dependencies: Dependencies) -> int:
    """The job: how many platforms' tokens were fetched. One that fails holds up no other.

    A token is given up some minutes before its end, so that it is renewed while it still lives.
    Raises: GatewayError, LockNotFree.
    """
    gateways = dependencies.gateways
    fetched, errors = 0, []
    for platform in (gateways.wechat, gateways.members):
        try:
            fetched += platform.warm_up()
        except (GatewayError, LockNotFree) as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return fetched
