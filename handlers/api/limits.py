"""How often a program may call: by its token, and by its address while it has none."""

from __future__ import annotations

from datetime import timedelta

from handlers.context import dependencies, source_address, visitor
from wxbackend.domain.errors import TooMany

_MINUTE = timedelta(minutes=1)


class TooManyCalls(TooMany):
    """Calls of one token, or of one address without any, came too often."""

    code = "too_many_calls"


def check_pace() -> None:
    """Raises: TooManyCalls."""
    deps = dependencies()
    session_id, policy = visitor().session_id, deps.policy.api
    most = policy.most_calls if session_id is not None else policy.most_calls_without_token
    who = f"token:{session_id}" if session_id is not None else f"address:{source_address()}"
    minute = int(deps.clock().timestamp() // _MINUTE.total_seconds())
    if deps.gateways.shared.count(f"api.pace:{who}:{minute}", keep=_MINUTE) > most:
        raise TooManyCalls
