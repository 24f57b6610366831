"""How often a program may call: by its token, and by its address while it has none."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from handlers.context import bearer_token, dependencies, source_address, visitor
from wxbackend.domain.errors import TooMany

_MINUTE = timedelta(minutes=1)


class TooManyCalls(TooMany):
    """Calls of one token, or of one address without any, came too often."""

    code = "too_many_calls"


def check_pace() -> None:
    """Raises: TooManyCalls."""
    deps = dependencies()
    token, policy = bearer_token(), deps.policy.api
    is_known = token is not None and visitor().session_id is not None
    most = policy.most_calls if is_known else policy.most_calls_without_token
    who = f"token:{_digest(token or '')}" if is_known else f"address:{source_address()}"
    minute = int(deps.clock().timestamp() // _MINUTE.total_seconds())
    if deps.gateways.shared.count(f"api.pace:{who}:{minute}", keep=_MINUTE) > most:
        raise TooManyCalls


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
