"""The shares of SMS providers, as a process knows them, and changing one."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from models.database import DATABASE_AWAY, IntegrityError, reading, transaction
from models.sms_providers import CallCounts, change_share, read_shares
from wxbackend.domain.sms_failover import Share

if TYPE_CHECKING:
    from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)
_KNOWN_FOR_SECONDS = 1.0


class KnownShares:
    """At most a second old, so that not every text asks the database."""

    def __init__(self) -> None:
        self._shares: Mapping[str, Share] = {}
        self._good_until = 0.0
        self._trials: dict[str, Share] = {}
        self._lock = Lock()

    def read(self) -> Mapping[str, Share]:
        """Outside a transaction."""
        now = time.monotonic()
        if now >= self._good_until:
            # While the database is away, what was known last still holds.
            with suppress(*DATABASE_AWAY), reading() as session:
                self._shares = read_shares(session)
            self._good_until = now + _KNOWN_FOR_SECONDS
        return self._shares

    def of(self, provider: str) -> Share:
        return self.read().get(provider, Share())

    def begin_trial(self, provider: str, share: Share) -> bool:
        """Whether this is the first text of this process since the share changed."""
        with self._lock:
            is_first = self._trials.get(provider) != share
            self._trials[provider] = share
        return is_first

    def forget(self) -> None:
        self._good_until = 0.0


def put_share(
    dependencies: Dependencies, provider: str, *, before: Share, after: Share, counts: CallCounts
) -> bool:
    """Change a share for a reason of our own; False when another process was first."""
    now = dependencies.clock()
    try:
        with transaction() as session:
            changed = change_share(
                session, provider, before=before, after=after, counts=counts, now=now
            )
    except IntegrityError:
        changed = False
    dependencies.sms_shares.forget()
    if changed:
        log_change(provider, before=before, after=after, counts=counts)
    return changed


def log_change(provider: str, *, before: Share, after: Share, counts: CallCounts) -> None:
    _log.warning(
        "sms provider's share changed",
        extra={
            "provider": provider,
            "before": before.percent,
            "after": after.percent,
            "reason": after.reason.value if after.reason else "",
            "bad": counts.bad,
            "calls": counts.calls,
        },
    )
