"""Web sign-in: codes that work once, and what they are exchanged for."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from threading import Lock

from wxbackend.sandbox.accounts import WECHAT
from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.wechat.errors import WeChatError

CODE_SECONDS = 300
GRANT_SECONDS = 7200
REFRESH_SECONDS = 30 * 86_400
KEPT = 20_000
MODES = (
    "normal",
    "double_callback_same_code",
    "double_callback_new_code",
    "snapshot",
    "deny",
)


@dataclass(frozen=True)
class Grant:
    """What one person allowed; `snapshot` marks the fake identity of a snapshot page."""

    openid: str
    scope: str
    snapshot: bool
    expires_at: float


def union_id(openid: str) -> str:
    return "o6" + _letters(f"union {openid}", 26)


def snapshot_openid(openid: str) -> str:
    return "o" + _letters(f"snapshot {openid}", 27)


def _letters(seed: str, length: int) -> str:
    digest = hashlib.sha256(f"{WECHAT.app_id} {seed}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:length]


class OAuthDesk:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._codes: dict[str, Grant] = {}
        self._used: set[str] = set()
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._mode = "normal"
        self._mode_count: int | None = None

    def set_mode(self, mode: str, count: int | None) -> None:
        """Let the next `count` sign-ins go this way; None means until it is changed."""
        with self._lock:
            self._mode, self._mode_count = mode, count

    def mode(self) -> tuple[str, int | None]:
        return self._mode, self._mode_count

    def take_mode(self) -> str:
        with self._lock:
            mode = self._mode
            if self._mode_count is not None:
                self._mode_count -= 1
                if self._mode_count <= 0:
                    self._mode, self._mode_count = "normal", None
        return mode

    def issue_code(self, openid: str, scope: str, *, snapshot: bool = False) -> str:
        code = secrets.token_hex(16)
        person = snapshot_openid(openid) if snapshot else openid
        grant = Grant(person, scope, snapshot, self._clock.now() + CODE_SECONDS)
        with self._lock:
            _keep(self._codes, code, grant=grant)
        return code

    def redeem(self, code: str) -> tuple[Grant, str, str]:
        """What the code stands for, an access token and a refresh token.

        Raises:
            WeChatError: 40029 unknown, 40163 used, 42003 older than five minutes.
        """
        with self._lock:
            grant = self._codes.get(code)
            if grant is None:
                raise WeChatError(40029)
            if code in self._used:
                raise WeChatError(40163)
            if grant.expires_at <= self._clock.now():
                raise WeChatError(42003)
            self._used.add(code)
        return grant, *self._hand_out(grant)

    def refresh(self, token: str) -> tuple[Grant, str, str]:
        """A new access token and the same refresh token.

        Raises:
            WeChatError: 40030 unknown, 42002 expired.
        """
        grant = self._refresh.get(token)
        if grant is None:
            raise WeChatError(40030)
        if grant.expires_at <= self._clock.now():
            raise WeChatError(42002)
        access, _ = self._hand_out(grant)
        return grant, access, token

    def check(self, token: str, openid: str) -> Grant:
        """The grant behind an access token.

        Raises:
            WeChatError: 40001 unknown, 42001 expired, 40003 somebody else's.
        """
        grant = self._access.get(token)
        if grant is None:
            raise WeChatError(40001)
        if grant.expires_at <= self._clock.now():
            raise WeChatError(42001)
        if grant.openid != openid:
            raise WeChatError(40003)
        return grant

    def _hand_out(self, grant: Grant) -> tuple[str, str]:
        access, refresh = secrets.token_urlsafe(60), secrets.token_urlsafe(60)
        now = self._clock.now()
        with self._lock:
            _keep(self._access, access, grant=replace(grant, expires_at=now + GRANT_SECONDS))
            _keep(self._refresh, refresh, grant=replace(grant, expires_at=now + REFRESH_SECONDS))
        return access, refresh


def _keep(grants: dict[str, Grant], key: str, *, grant: Grant) -> None:
    grants[key] = grant
    if len(grants) > KEPT:
        del grants[next(iter(grants))]
