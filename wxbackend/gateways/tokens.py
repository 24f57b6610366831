"""Access tokens that all processes share: fetched once an expiry, by whoever holds the lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from wxbackend.gateways.errors import TemporaryGatewayError, UnknownOutcomeError
from wxbackend.gateways.interfaces.stores import SharedStore

# A token is used no more in its last minutes: a slow call must not outlive it.
_MARGIN = timedelta(minutes=5)
_SHORTEST_LIFE = timedelta(seconds=30)
# The lock outlasts the HTTP timeout, so that it cannot run out while its holder still fetches.
_LOCK_KEPT = timedelta(seconds=15)
_LOCK_WAIT = timedelta(seconds=10)
# A platform may be told to forget a token only so often. Source: wechat.md section 3.3.
_FORCE_PAUSE = timedelta(seconds=30)

# Fetches a token and says how long it lives. Raises: GatewayError.
Fetch = Callable[[], tuple[str, timedelta]]


@dataclass(frozen=True, slots=True)
class Renewal:
    """Another token than the refused one; `is_fetched` when this process had to fetch it."""

    token: str
    is_fetched: bool


class TokenKeeper:
    """One token of one outside system, kept in the shared store until shortly before its end.

    `force` fetches past a platform that keeps handing out the very token that it refuses.
    `remember` spares a busy sender the store for so long; a refused token is never remembered.
    """

    def __init__(
        self,
        store: SharedStore,
        *,
        name: str,
        fetch: Fetch,
        force: Fetch | None = None,
        remember: timedelta = timedelta(),
    ) -> None:
        self._store = store
        self._name = name
        self._key = f"token:{name}"
        self._fetch = fetch
        self._force = force
        self._remember_seconds = remember.total_seconds()
        self._remembered = ("", 0.0)

    def find(self) -> str | None:
        """The token if one is kept; nothing is fetched."""
        return self._store.get(self._key)

    def get(self) -> str:
        """The token. Raises: GatewayError, LockNotFree."""
        token, until = self._remembered
        if time.monotonic() < until:
            return token
        token = self.find() or self._renew(refused=None).token
        self._remembered = (token, time.monotonic() + self._remember_seconds)
        return token

    def replace(self, refused: str) -> str:
        """Another token than the one that was refused, fetched by one process only.

        Raises: GatewayError, LockNotFree.
        """
        return self.renew(refused).token

    def renew(self, refused: str) -> Renewal:
        """As `replace`, and says whether it was fetched here. Raises: GatewayError, LockNotFree."""
        self._remembered = ("", 0.0)
        return self._renew(refused=refused)

    def _renew(self, *, refused: str | None) -> Renewal:
        with self._store.lock(self._key, keep=_LOCK_KEPT, wait=_LOCK_WAIT):
            held = self.find()
            if held is not None and held != refused:
                return Renewal(held, is_fetched=False)
            token, life = self._fetch_other_than(refused)
            self._store.put(self._key, token, keep=max(life - _MARGIN, _SHORTEST_LIFE))
            return Renewal(token, is_fetched=True)

    def _fetch_other_than(self, refused: str | None) -> tuple[str, timedelta]:
        mark = f"{self._key}:forced"
        if refused is not None and self._store.get(mark) == refused:
            # Forced a moment ago and refused again: fetching more of them helps nobody.
            raise TemporaryGatewayError(self._name, "token_refused", wait=_FORCE_PAUSE)
        self._store.drop(self._key)
        token, life = _fetched(self._fetch)
        if self._force is None or token != refused:
            return token, life
        if not self._store.add(mark, token, keep=_FORCE_PAUSE):
            # Kept, or every call would fetch it once more.
            self._store.put(self._key, token, keep=_FORCE_PAUSE)
            raise TemporaryGatewayError(self._name, "token_refused", wait=_FORCE_PAUSE)
        token, life = _fetched(self._force)
        self._store.put(mark, token, keep=_FORCE_PAUSE)
        return token, life


def _fetched(fetch: Fetch) -> tuple[str, timedelta]:
    try:
        return fetch()
    except UnknownOutcomeError as error:
        # Whatever became of the token, the call that it is for has not been made.
        raise TemporaryGatewayError(error.system, error.code) from None
