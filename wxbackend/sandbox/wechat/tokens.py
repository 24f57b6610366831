"""Access tokens and tickets: issued, superseded, expired, revoked."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from threading import Lock

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.quota import Quota

LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCE_PAUSE_SECONDS = 30
KEPT_TOKENS = 2_000
KEPT_TICKETS = 2


@dataclass
class Token:
    """`uses_left` counts down to an early end that a test asked for."""

    value: str
    expires_at: float
    revoked: bool = False
    uses_left: int | None = None


@dataclass
class TokenRules:
    """How hard life is for a token.

    `honoured`: only so many of the newest are accepted. `dies_after`: (from, to) uses, after which
    it is killed, or superseded as if somebody else had fetched one. `sticky`: stable_token goes on
    handing out a killed token until it is forced. `unlisted`: the caller's address that is not on
    the account's white list.
    """

    honoured: int | None = None
    dies_after: tuple[int, int] | None = None
    sticky: bool = False
    unlisted: str | None = None


class TokenOffice:
    """`/token` and `stable_token` are isolated from each other, as on the platform."""

    def __init__(self, clock: Clock, quota: Quota) -> None:
        self._clock = clock
        self._quota = quota
        self._tokens: dict[str, Token] = {}
        self._plain: Token | None = None
        self._stable: Token | None = None
        self._forced_at = float("-inf")
        self._tickets: dict[str, list[Token]] = {}
        self._lock = Lock()
        self.rules = TokenRules()
        self.died = 0

    def fetch_plain(self) -> Token:
        """A new token; the one before lives five minutes more."""
        self._quota.spend("token")
        with self._lock:
            now = self._clock.now()
            if self._plain is not None:
                self._plain.expires_at = min(self._plain.expires_at, now + OVERLAP_SECONDS)
            self._plain = self._issue(now)
            return self._plain

    def fetch_stable(self, *, force: bool) -> tuple[Token, int]:
        """The standing token until its last five minutes, and the seconds it still lives."""
        self._quota.spend("stable_token")
        with self._lock:
            now = self._clock.now()
            token = self._stable
            if token is None or self._is_over(token, now):
                token = self._issue(now)
            elif force and self._may_force(now):
                self._kill(token)
                token = self._issue(now)
                self._forced_at = now
            self._stable = token
            return token, int(token.expires_at - now)

    def _is_over(self, token: Token, now: float) -> bool:
        return (token.revoked and not self.rules.sticky) or token.expires_at - now < OVERLAP_SECONDS

    def _may_force(self, now: float) -> bool:
        if now - self._forced_at < FORCE_PAUSE_SECONDS:
            return False
        self._quota.spend("stable_token_force")
        return True

    def _issue(self, now: float) -> Token:
        token = Token(f"56_{secrets.token_urlsafe(100)}", now + LIFE_SECONDS)
        if self.rules.dies_after is not None:
            token.uses_left = random.randint(*self.rules.dies_after)  # noqa: S311
        self._tokens[token.value] = token
        if self.rules.honoured is not None:
            for old in list(self._tokens.values())[: -self.rules.honoured]:
                self._kill(old)
        if len(self._tokens) > KEPT_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        return token

    def check(self, value: str) -> None:
        """Let a living token pass.

        Raises:
            WeChatError: 41001 none, 40001 unknown or revoked, 42001 expired.
        """
        if not value:
            raise WeChatError(41001)
        token = self._tokens.get(value)
        if token is not None and token.uses_left is not None:
            self._use(token)
        if token is None or token.revoked:
            raise WeChatError(40001)
        if token.expires_at <= self._clock.now():
            raise WeChatError(42001)

    def _use(self, token: Token) -> None:
        """Count down to the token's early end: killed, or superseded by a newer one."""
        with self._lock:
            if token.revoked or token.uses_left is None:
                return
            token.uses_left -= 1
            if token.uses_left >= 0:
                return
            if random.random() < 0.5 or self.rules.dies_after is None:  # noqa: S311
                self._kill(token)
            else:
                token.uses_left = random.randint(*self.rules.dies_after)  # noqa: S311
                self._stable = self._issue(self._clock.now())

    def _kill(self, token: Token) -> None:
        if not token.revoked:
            token.revoked = True
            self.died += 1

    def revoke(self) -> None:
        """Kill every token at once; the next fetch gives a new one, unless they are sticky."""
        with self._lock:
            for token in self._tokens.values():
                self._kill(token)
            if not self.rules.sticky:
                self._plain = self._stable = None

    def ticket(self, kind: str) -> tuple[str, int]:
        """The ticket of this kind and the seconds it still lives; a new one near its end."""
        with self._lock:
            now = self._clock.now()
            tickets = self._tickets.setdefault(kind, [])
            if not tickets or tickets[-1].expires_at - now < OVERLAP_SECONDS:
                value = f"HoagFKDcsGMVCIY2vOjf9{secrets.token_urlsafe(48)}"
                tickets.append(Token(value, now + LIFE_SECONDS))
                del tickets[:-KEPT_TICKETS]
            return tickets[-1].value, int(tickets[-1].expires_at - now)

    def living_tickets(self, kind: str) -> list[str]:
        now = self._clock.now()
        return [t.value for t in self._tickets.get(kind, []) if t.expires_at > now]
