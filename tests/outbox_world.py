"""The outbox under faults: letters to send, time that passes, and a reckoning with the inbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.database import reading, transaction
from models.notifications import Notification
from tests.conftest import TestClock
from tests.servers import Sandbox
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.floods import merge_floods
from wxbackend.services.outbox import Letter, enqueue, heal, send_due
from wxbackend.services.sms_health import recover_providers

UNDER_WAY = frozenset({NotificationState.QUEUED, NotificationState.SENDING})
ARRIVED = frozenset({NotificationState.SENT, NotificationState.DELIVERED})
# Long enough for all tries first, then for the longest validity.
_STEPS = [timedelta(minutes=1)] * 10 + [timedelta(minutes=10)] * 12 + [timedelta(hours=2)] * 12
_UNSET = datetime.max.replace(tzinfo=UTC)
_FACTS = {"plate": "粤A8K652", "checkpoint": "万顷沙卡口", "time": "2022-04-22 14:30"}


def sms(number: int, kind: NotificationKind = NotificationKind.PASSAGE_ALLOWED_OTHER) -> Letter:
    """To a phone that gets no other letter."""
    facts = {"code": f"{number:06}", "minutes": "5"}
    content = {"text": f"第{number}条", "facts": facts}
    return _letter(Channel.SMS, kind, f"139{number:08}", number, content)


def to_member(number: int) -> Letter:
    """To a 粤政易 member who gets no other letter."""
    kind, content = NotificationKind.PASSAGE_CORRECTED, {"text": f"第{number}条"}
    return _letter(Channel.YUEZHENGYI, kind, f"member-{number}", number, content)


def wechat(number: int, openid: str) -> Letter:
    facts = {**_FACTS, "state": "待通行"}
    content = {"facts": facts, "url": f"http://127.0.0.1/d/{number}"}
    return _letter(Channel.WECHAT, NotificationKind.RESERVATION_MADE, openid, number, content)


def _letter(
    channel: Channel, kind: NotificationKind, address: str, number: int, content: Mapping[str, Any]
) -> Letter:
    return Letter(
        event=f"test:{number}",
        recipient=f"test:{address}",
        channel=channel,
        kind=kind,
        address=address,
        content=content,
        not_after=_UNSET,  # `put` says until when it holds
    )


@dataclass(frozen=True)
class Row:
    """A notification as a test looks at it; `words` are what its message is known by.

    platform_twins.py knows each message by the same words.
    """

    id: int
    public_id: str
    event: str
    channel: Channel
    address: str
    words: str
    state: NotificationState
    attempts: int
    not_after: datetime
    leased_until: datetime | None
    merged_into_id: int | None
    provider: str
    provider_reference: str
    last_answer: str


def _words_of(row: Notification) -> str:
    if row.channel is Channel.YUEZHENGYI:
        return f"notification {row.id}"
    return str(row.content.get("text") or row.content["url"])


_COLUMNS = [name for name in Row.__match_args__ if name != "words"]


def rows() -> list[Row]:
    with reading() as session:
        found = session.scalars(select(Notification).order_by(Notification.id))
        return [
            Row(
                words=_words_of(row),
                **{name: getattr(row, name) for name in _COLUMNS},
            )
            for row in found
        ]


def count_states(found: Iterable[Row]) -> Counter[tuple[str, str]]:
    return Counter((row.channel.value, row.state.value) for row in found)


def arrived(sandbox: Sandbox, channel: str) -> Counter[str]:
    """How many messages of the inbox each address got."""
    return Counter(str(message["to"]) for message in sandbox.messages(channel=channel))


@dataclass
class OutboxWorld:
    """A worker's turns under an injected clock, against the sandbox or against twins."""

    dependencies: Dependencies
    sandbox: Sandbox | None
    clock: TestClock

    def put(self, letters: Iterable[Letter], *, valid_for: timedelta = timedelta(hours=24)) -> None:
        now = self.clock()
        with transaction() as session:
            for letter in letters:
                enqueue(session, replace(letter, not_after=now + valid_for), now=now)

    def work(self) -> None:
        """One turn of the jobs that have to do with notifications."""
        heal(self.dependencies)
        merge_floods(self.dependencies)
        recover_providers(self.dependencies)
        while send_due(self.dependencies, holder="test", limit=20):
            pass

    def work_until_settled(self) -> Sequence[Row]:
        """Let time pass, at most a day and some hours, until nothing is under way."""
        self.work()
        for step in _STEPS:
            found = rows()
            if not any(row.state in UNDER_WAY for row in found):
                break
            self.clock.now += step
            self.work()
        return rows()

    def calls(self, target: str, path: str) -> int:
        """How many calls of a target the sandbox has seen."""
        assert self.sandbox is not None
        found = self.sandbox.get(f"/sandbox/calls?target={target}&path={path}")
        assert isinstance(found, list)
        return len(found)
