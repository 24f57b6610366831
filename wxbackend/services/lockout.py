"""How long wrong passwords keep an address waiting. Source: security.md SEC-A05."""

from __future__ import annotations

from datetime import datetime

from models.database import Session
from models.sign_in import count_recent_failures, find_last_success
from wxbackend.domain.errors import TooMany
from wxbackend.domain.policy import SignInPolicy

# The whole district may try one account this often before it slows for everybody: an attacker
# who changes address must not guess for ever.
_MOST_FAILURES_FROM_EVERYWHERE = 50


class LockedForNow(TooMany):
    code = "sign_in_locked"


def is_locked(
    session: Session, name: str, source: str, *, now: datetime, policy: SignInPolicy
) -> bool:
    """Whether this address has tried too often for this account; others may go on."""
    since = now - policy.lockout
    last_success = find_last_success(session, name, since=since, source=source)
    here = count_recent_failures(session, name, since=last_success or since, source=source)
    if here >= policy.most_wrong_passwords:
        return True
    everywhere = count_recent_failures(session, name, since=since, source=None)
    return everywhere >= _MOST_FAILURES_FROM_EVERYWHERE and here > 0
