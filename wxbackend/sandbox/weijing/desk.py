"""Identity checks: asked for, done, expired."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from wxbackend.sandbox.clock import Clock

TOKEN_SECONDS = 7200
CHECK_SECONDS = 420
KEPT_TOKENS = 1_000
KEPT_CHECKS = 20_000
MODES = ("masked", "unmasked", "without_object")
OUTCOMES = ("pass", "fail", "cancel", "mismatch", "timeout")

# Somebody else, for the outcome in which the face is not that of the person asked about.
STRANGER = ("马冬生", "440103197305054113")


@dataclass(frozen=True)
class Check:
    """One certToken. `outcome` is None until the person is through, for better or worse."""

    cert_token: str
    full_name: str
    id_number: str
    subject: str
    auth_type: str
    auth_mode: int
    return_url: str
    created_at: float
    expires_at: float
    outcome: str | None = None

    def way_back(self, error: str = "") -> str:
        """The return address; its own query and fragment are dropped on the way."""
        parts = urlsplit(self.return_url)
        query = {"certToken": self.cert_token}
        if error:
            query["errorMsg"] = error
        return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote), fragment=""))


class IdentityDesk:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tokens: dict[str, float] = {}
        self._checks: dict[str, Check] = {}
        self.mode = "unmasked"

    def issue_token(self) -> str:
        token = secrets.token_hex(32)
        with self._lock:
            self._tokens[token] = self._clock.now() + TOKEN_SECONDS
            if len(self._tokens) > KEPT_TOKENS:
                del self._tokens[next(iter(self._tokens))]
        return token

    def is_living(self, token: str) -> bool:
        return self._tokens.get(token, 0.0) > self._clock.now()

    def revoke(self) -> None:
        with self._lock:
            self._tokens.clear()

    def open(
        self,
        full_name: str,
        id_number: str,
        *,
        subject: str,
        auth_type: str,
        auth_mode: int,
        return_url: str,
        seconds: int,
    ) -> Check:
        now = self._clock.now()
        check = Check(
            cert_token=secrets.token_hex(24),
            full_name=full_name,
            id_number=id_number,
            subject=subject,
            auth_type=auth_type,
            auth_mode=auth_mode,
            return_url=return_url,
            created_at=now,
            expires_at=now + seconds,
        )
        with self._lock:
            self._checks[check.cert_token] = check
            if len(self._checks) > KEPT_CHECKS:
                del self._checks[next(iter(self._checks))]
        return check

    def find(self, cert_token: str) -> Check | None:
        return self._checks.get(cert_token)

    def is_over(self, check: Check) -> bool:
        """Whether nothing can be done with it any more: its time is up and nobody came through."""
        return check.outcome is None and check.expires_at <= self._clock.now()

    def conclude(self, cert_token: str, outcome: str) -> Check | None:
        """Write down the outcome once; None when it came too late or somebody was quicker."""
        with self._lock:
            check = self._checks.get(cert_token)
            if check is None or check.outcome is not None or self.is_over(check):
                return None
            if outcome == "timeout":
                check = replace(check, expires_at=self._clock.now())
            elif outcome != "cancel":
                check = replace(check, outcome=outcome)
            self._checks[cert_token] = check
            return check
