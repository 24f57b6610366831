"""What is remembered of an OAuth while the browser is away at WeChat."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wxbackend.domain.keys import TamperedCiphertext, UnknownKey
from wxbackend.services.dependencies import Dependencies

_STATE_KEPT = timedelta(minutes=10)
_KEY_LENGTH, _SEAL_LENGTH = 24, 16
_STATE_LENGTH = _KEY_LENGTH + 1 + _SEAL_LENGTH


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the visitor wanted to go, a digest of the browser's key, and the first callback."""

    next_path: str
    browser: str
    used_at: datetime | None = None


def new_state(dependencies: Dependencies, *, hops: int) -> tuple[str, str]:
    """A fresh key, and the state (letters and digits) that carries it with the hops so far."""
    key = secrets.token_hex(_KEY_LENGTH // 2)
    return key, f"{key}{hops}{_seal(dependencies, key, hops)}"


def read_state(dependencies: Dependencies, state: str) -> tuple[str, int]:
    """The key and the hops of a state of ours, or an empty key and none.

    The hops stand in the state itself, sealed, so that a loop is seen even when neither cookie nor
    store is kept. Some browsers append to a state: what follows ours is not read.
    """
    ours = state[:_STATE_LENGTH]
    key, hops, seal = ours[:_KEY_LENGTH], ours[_KEY_LENGTH : _KEY_LENGTH + 1], ours[-_SEAL_LENGTH:]
    is_ours = len(ours) == _STATE_LENGTH and ours.isascii() and hops.isdecimal()
    if not is_ours or not hmac.compare_digest(seal, _seal(dependencies, key, int(hops))):
        return "", 0
    return key, int(hops)


def _seal(dependencies: Dependencies, key: str, hops: int) -> str:
    sealed = dependencies.gateways.keys.keyed_hash(f"{key}{hops}", purpose="oauth.hops")
    return sealed.hex()[:_SEAL_LENGTH]


def find_begun(dependencies: Dependencies, key: str) -> Begun | None:
    found = get_sealed(dependencies, f"oauth.state:{key}")
    if found is None:
        return None
    used_at = datetime.fromisoformat(found["used_at"]) if found["used_at"] else None
    return Begun(found["next"], found["browser"], used_at)


def write_begun(dependencies: Dependencies, key: str, begun: Begun) -> None:
    content = {
        "next": begun.next_path,
        "browser": begun.browser,
        "used_at": begun.used_at.isoformat() if begun.used_at else "",
    }
    put_sealed(dependencies, f"oauth.state:{key}", content, keep=_STATE_KEPT)


def put_sealed(
    dependencies: Dependencies, key: str, content: Mapping[str, Any], *, keep: timedelta
) -> None:
    """Sealed: a path may hold a pass token, and none lies open in the shared store."""
    plain = json.dumps(content).encode()
    sealed = dependencies.gateways.keys.encrypt(plain, purpose="oauth")
    dependencies.gateways.shared.put(key, sealed.hex(), keep=keep)


def get_sealed(dependencies: Dependencies, key: str) -> dict[str, Any] | None:
    sealed = dependencies.gateways.shared.get(key)
    if not sealed:
        return None
    try:
        plain = dependencies.gateways.keys.decrypt(bytes.fromhex(sealed), purpose="oauth")
    except (UnknownKey, TamperedCiphertext):  # written before the keys were exchanged
        return None
    found: dict[str, Any] = json.loads(plain)
    return found


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
