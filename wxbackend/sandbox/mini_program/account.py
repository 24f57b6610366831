"""Everything that WeChat keeps about the mini-program."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from wxbackend.sandbox.accounts import MINI_PROGRAM
from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.personas import Persona
from wxbackend.sandbox.wechat.errors import WeChatError
from wxbackend.sandbox.wechat.quota import Quota
from wxbackend.sandbox.wechat.tokens import TokenOffice

CODE_SECONDS = 300
KEPT_CODES = 20_000
# Calls a minute: of one person, and of the whole program. Source: wechat.md 5.5.
MOST_SESSIONS = 100
MOST_PICTURES = 5_000


def program_openid(openid: str) -> str:
    """The same person's openid here: every app has its own for everybody."""
    digest = hashlib.sha256(f"{MINI_PROGRAM.app_id} {openid}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


@dataclass(frozen=True)
class GivenCode:
    """`openid` is the person's in the Official Account."""

    kind: str
    openid: str
    expires_at: float


class MiniProgram:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tokens = TokenOffice(clock, Quota(clock))
        self._codes: dict[str, GivenCode] = {}
        self._used: set[str] = set()
        self._calls: Counter[tuple[str, int]] = Counter()
        self._agreed: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def give_code(self, kind: str, openid: str) -> str:
        """What `wx.login` or the phone number's button would hand to the program."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = GivenCode(kind, openid, self._clock.now() + CODE_SECONDS)
            if len(self._codes) > KEPT_CODES:
                del self._codes[next(iter(self._codes))]
        return code

    def redeem(self, kind: str, code: str) -> str:
        """Whose code it is.

        Raises:
            WeChatError: 40029 unknown or too old, 40163 used.
        """
        with self._lock:
            given = self._codes.get(code)
            if given is None or given.kind != kind or given.expires_at <= self._clock.now():
                raise WeChatError(40029)
            if code in self._used:
                raise WeChatError(40163)
            self._used.add(code)
        return given.openid

    def spend(self, call: str, *, most: int, errcode: int) -> None:
        """Count one call of this minute.

        Raises:
            WeChatError: there were too many.
        """
        minute = int(self._clock.now() // 60)
        with self._lock:
            self._calls[call, minute] += 1
            if self._calls[call, minute] > most:
                raise WeChatError(errcode)

    def agree(self, openid: str, template_id: str, times: int) -> None:
        """The person taps 允许 for one more message of this template, so many times."""
        with self._lock:
            self._agreed[openid, template_id] += times

    def take_agreement(self, openid: str, template_id: str) -> None:
        """Use one up.

        Raises:
            WeChatError: 43101 there is none left.
        """
        with self._lock:
            if self._agreed[openid, template_id] <= 0:
                raise WeChatError(43101)
            self._agreed[openid, template_id] -= 1


def find_person(people: Iterable[Persona], openid: str) -> Persona:
    """The person with this openid of the mini-program.

    Raises:
        WeChatError: 40003 nobody.
    """
    found = next((one for one in people if program_openid(one.openid) == openid), None)
    if found is None:
        raise WeChatError(40003)
    return found
