"""Access tokens that all processes share: fetched once an expiry, by whoever holds the lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from wxbackend.gateways.interfaces.stores import SharedStore

# A token is used no more in its last minutes: a slow call must not outlive it.
_MARGIN = timedelta(minutes=5)
_SHORTEST_LIFE = timedelta(seconds=30)
# The lock outlasts the HTTP timeout, so that it cannot run out while its holder still fetches.
_LOCK_KEPT = timedelta(seconds=15)
_LOCK_WAIT = timedelta(seconds=10)

# Fetches a token and says how long it lives. Raises: GatewayError.
Fetch = Callable[[], tuple[str, timedelta]]


class TokenKeeper:
    """One token of one outside system, kept in the shared store until shortly before its end."""

    def __init__(self, store: SharedStore, *, name: str, fetch: Fetch) -> None:
        self._store = store
        self._key = f"token:{name}"
        self._fetch = fetch

    def get(self) -> str:
        """The token. Raises: GatewayError, LockNotFree."""
        return self._store.get(self._key) or self._renew(failed=None)

    def replace(self, failed: str) -> str:
        """Another token than the one that was refused, fetched by one process only.

        Raises: GatewayError, LockNotFree.
        """
        return self._renew(failed=failed)

    def _renew(self, *, failed: str | None) -> str:
        with self._store.lock(self._key, keep=_LOCK_KEPT, wait=_LOCK_WAIT):
            held = self._store.get(self._key)
            if held is not None and held != failed:
                return held
            self._store.drop(self._key)
            token, life = self._fetch()
            self._store.put(self._key, token, keep=max(life - _MARGIN, _SHORTEST_LIFE))
            return token
