"""Working twins of the platforms in memory: each call meets its fate, and what arrived is kept.

They keep the platforms' promises as protocols.md has them: SMS and WeChat deliver every request
that reaches them, 粤政易 delivers a repeated one once within its check window.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tests.conftest import TestClock
from wxbackend.domain.notifications import Answer, NotificationKind, SendOutcome
from wxbackend.gateways.interfaces.messages import Card, DeliveryReport, ShortMessage, StoredFile
from wxbackend.gateways.interfaces.wechat import TemplateMessage
from wxbackend.services.dependencies import Dependencies

# The shortest window that a request of ours asks for.
CHECK_WINDOW = timedelta(hours=3)


class Killed(BaseException):
    """The process dies here; nothing of ours may catch it."""


class Fate(StrEnum):
    """What becomes of one call."""

    TAKEN = "taken"
    LOST_BEFORE = "lost_before"  # no answer, no effect
    LOST_AFTER = "lost_after"  # no answer, but it arrived
    BUSY = "busy"
    THROTTLED = "throttled"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"
    STALLS = "stalls"  # it arrives and is answered after the lease has run out


_ARRIVES = frozenset({Fate.TAKEN, Fate.LOST_AFTER, Fate.KILLED_AFTER, Fate.STALLS})
_KILLS = frozenset({Fate.KILLED_BEFORE, Fate.KILLED_AFTER})
# After these the sender cannot know whether it arrived.
OPEN = frozenset({Fate.LOST_BEFORE, Fate.LOST_AFTER, *_KILLS})
_ANSWERS = {
    Fate.LOST_BEFORE: Answer.UNKNOWN,
    Fate.LOST_AFTER: Answer.UNKNOWN,
    Fate.BUSY: Answer.TRANSIENT,
    Fate.THROTTLED: Answer.THROTTLED,
    Fate.REFUSED: Answer.PERMANENT,
    Fate.MISCONFIGURED: Answer.CONFIGURATION,
}


class KillingClock(TestClock):
    """A clock that kills the process at one of its next readings, where it is told to."""

    readings_left: int | None = None

    def __call__(self) -> datetime:
        if self.readings_left is not None:
            self.readings_left -= 1
            if self.readings_left < 0:
                raise Killed
        return self.now


@dataclass(frozen=True)
class Call:
    words: str
    fate: Fate
    at: datetime


@dataclass
class Platforms:
    """What the twins share; `meanwhile` happens while a call stalls."""

    clock: KillingClock
    meanwhile: Callable[[], None] = lambda: None
    fates: deque[Fate] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    inbox: list[Call] = field(default_factory=list)

    def call(self, words: str, *, is_repeated: Callable[[], bool] = lambda: False) -> SendOutcome:
        fate = self.fates.popleft() if self.fates else Fate.TAKEN
        call = Call(words, fate, self.clock.now)
        self.calls.append(call)
        if fate is Fate.STALLS:
            self.meanwhile()
        if fate in _ARRIVES and not is_repeated():
            self.inbox.append(call)
        if fate in _KILLS:
            raise Killed
        answer = _ANSWERS.get(fate, Answer.ACCEPTED)
        wait = timedelta(seconds=60) if fate is Fate.THROTTLED else None
        return SendOutcome(answer, fate.value, f"reference-{len(self.calls)}", wait=wait)


@dataclass(frozen=True)
class TwinSms:
    platforms: Platforms
    name: str

    def carries(self, kind: NotificationKind) -> bool:
        del kind
        return True

    def fits(self, message: ShortMessage) -> bool:
        del message
        return True

    def send(self, message: ShortMessage) -> SendOutcome:
        return self.platforms.call(message.text)

    def read_report(self, item: Mapping[str, Any]) -> DeliveryReport | None:
        raise NotImplementedError  # receipts come past it

    @property
    def receipt_answer(self) -> Mapping[str, Any]:
        return {}


@dataclass
class TwinMembers:
    platforms: Platforms
    seen: dict[tuple[str, str, int], datetime] = field(default_factory=dict)

    def send_text(self, *, member_id: str, text: str, reference: int) -> SendOutcome:
        return self._send(member_id, text, reference)

    def send_card(self, *, member_id: str, card: Card, reference: int) -> SendOutcome:
        return self._send(member_id, card.text, reference)

    def send_file(self, *, member_id: str, file: StoredFile, reference: int) -> SendOutcome:
        return self._send(member_id, file.name, reference)

    def warm_up(self) -> bool:
        return False

    def _send(self, member_id: str, words: str, reference: int) -> SendOutcome:
        request = (member_id, words, reference)
        number = f"notification {reference}"  # two may have the same words
        return self.platforms.call(number, is_repeated=lambda: self._has_seen(request))

    def _has_seen(self, request: tuple[str, str, int]) -> bool:
        now, first = self.platforms.clock.now, self.seen.get(request)
        if first is not None and now - first < CHECK_WINDOW:
            return True
        self.seen[request] = now
        return False


@dataclass(frozen=True)
class TwinWechat:
    platforms: Platforms
    app_id: str = "wx0123456789abcdef"

    def send_template(self, message: TemplateMessage) -> SendOutcome:
        return self.platforms.call(message.url)


def with_twins(dependencies: Dependencies, platforms: Platforms) -> Dependencies:
    """The same product between these platforms, by their clock."""
    wechat: Any = TwinWechat(platforms)  # of the account only what the outbox uses
    gateways = replace(
        dependencies.gateways,
        sms=(TwinSms(platforms, "mas"), TwinSms(platforms, "mas2")),
        members=TwinMembers(platforms),
        wechat=wechat,
    )
    return replace(dependencies, gateways=gateways, clock=platforms.clock)
