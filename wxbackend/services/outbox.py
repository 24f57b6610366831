"""The outbox: letters go in with the transaction of what they tell, and out one call each."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.database import Session, reading, transaction
from models.notifications import (
    Notification,
    NotificationStep,
    add_step,
    begin_sending,
    claim_due,
    count_recently_sent,
    expire_overdue,
    has_due,
    settle_sending,
    sweep_dead_senders,
)
from wxbackend.domain.notifications import (
    REPEATABLE_CHANNELS,
    Answer,
    Channel,
    NotificationKind,
    NotificationState,
    SendOutcome,
    StepKind,
    pause_after,
)
from wxbackend.gateways.interfaces.messages import Card, MemberMessenger, ShortMessage, StoredFile
from wxbackend.gateways.interfaces.wechat import TemplateMessage
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.sms_routing import send_sms

_log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
_LONGEST_NAME, _LONGEST_UNIT = 50, 100
_PROVIDERS = {
    Channel.YUEZHENGYI: "yuezhengyi",
    Channel.WECHAT: "wechat",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to tell one recipient; (event, recipient, channel) is told once."""

    event: str
    recipient: str
    channel: Channel
    kind: NotificationKind
    address: str
    content: Mapping[str, Any]
    not_after: datetime
    recipient_name: str = ""
    recipient_unit: str = ""
    passage_id: int | None = None
    reservation_id: int | None = None


def enqueue(session: Session, letter: Letter, *, now: datetime) -> None:
    session.add(
        Notification(
            event=letter.event,
            recipient=letter.recipient,
            channel=letter.channel,
            kind=letter.kind,
            address=letter.address,
            address_hash=letter.address,
            recipient_name=letter.recipient_name[:_LONGEST_NAME],
            recipient_unit=letter.recipient_unit[:_LONGEST_UNIT],
            passage_id=letter.passage_id,
            reservation_id=letter.reservation_id,
            content=dict(letter.content),
            state=NotificationState.QUEUED,
            next_try_at=now,
            not_after=letter.not_after,
            created_at=now,
        )
    )


@dataclass(frozen=True, slots=True)
class _Outgoing:
    id: int
    channel: Channel
    kind: NotificationKind
    address: str
    content: Mapping[str, Any]
    attempts: int
    reference: str


def send_due(dependencies: Dependencies, *, holder: str, limit: int) -> int:
    """Send up to `limit` notifications whose turn has come; how many were tried.

    `holder` names this process or thread. No transaction is open while a provider is called.
    """
    batch = _claim(dependencies, holder=holder, limit=limit)
    for letter in batch:
        _send_one(dependencies, letter, holder=holder)
    return len(batch)


def heal(dependencies: Dependencies) -> int:
    """Take back what dead senders left, and let what nobody needs any more expire."""
    now = dependencies.clock()
    with transaction() as session:
        return sweep_dead_senders(session, now=now) + expire_overdue(session, now=now)


def _claim(dependencies: Dependencies, *, holder: str, limit: int) -> Sequence[_Outgoing]:
    now, policy = dependencies.clock(), dependencies.policy.notifications
    with reading() as session:
        if not has_due(session, now=now):
            return []
    with transaction() as session:
        rows = claim_due(
            session, holder=holder, now=now, leased_until=now + policy.lease, limit=limit
        )
        too_many = _over_pace(session, rows, now=now, most=policy.most_per_minute_per_member)
        for row in rows:
            if row.id in too_many:
                row.next_try_at = now + _MINUTE / 6
                row.leased_until = row.lease_holder = None
        return [
            _Outgoing(
                id=row.id,
                channel=row.channel,
                kind=row.kind,
                address=row.address,
                content=row.content,
                attempts=row.attempts + 1,
                reference=row.public_id,
            )
            for row in rows
            if row.id not in too_many
        ]


def _over_pace(
    session: Session, rows: Sequence[Notification], *, now: datetime, most: int
) -> set[int]:
    """The rows that would exceed what a 粤政易 member may get in a minute: dropped silently there.

    Rows that other processes hold at this moment are counted as sent.
    """
    members = [row for row in rows if row.channel is Channel.YUEZHENGYI]
    sent = count_recently_sent(session, [row.address for row in members], since=now - _MINUTE)
    over = set()
    for row in members:
        if sent[row.address] >= most:
            over.add(row.id)
        sent[row.address] += 1
    return over


def _send_one(dependencies: Dependencies, letter: _Outgoing, *, holder: str) -> None:
    now, policy = dependencies.clock(), dependencies.policy.notifications
    with transaction() as session:
        ours = begin_sending(
            session, letter.id, holder=holder, now=now, leased_until=now + policy.lease
        )
    if not ours:
        return
    outcome, provider = _call_provider(dependencies, letter)
    values = _settlement(dependencies, letter, outcome, provider=provider)
    with transaction() as session:
        if settle_sending(session, letter.id, holder=holder, values=values):
            step = _step_of(letter, outcome, provider=provider, at=dependencies.clock())
            add_step(session, step)
    _log.info(
        "notification tried",
        extra={
            "notification": letter.id,
            "channel": letter.channel.value,
            "answer": outcome.answer.value,
            "provider_said": outcome.code,
            "attempts": letter.attempts,
            "became": values["state"].value,
        },
    )


def _step_of(
    letter: _Outgoing, outcome: SendOutcome, *, provider: str, at: datetime
) -> NotificationStep:
    return NotificationStep(
        notification_id=letter.id,
        at=at,
        kind=StepKind.TRIED,
        answer=outcome.answer,
        provider=provider,
        code=outcome.code[:200],
        reference=outcome.reference[:100],
    )


def _call_provider(dependencies: Dependencies, letter: _Outgoing) -> tuple[SendOutcome, str]:
    """What came of the call, and the provider's name."""
    gateways = dependencies.gateways
    if letter.channel is Channel.SMS:
        facts = letter.content.get("facts", {})
        text = letter.content["text"]
        return send_sms(dependencies, ShortMessage(letter.address, letter.kind, text, facts))
    name = _PROVIDERS[letter.channel]
    if letter.channel is Channel.YUEZHENGYI:
        return _call_members(gateways.members, letter), name
    message = TemplateMessage(
        openid=letter.address,
        kind=letter.kind,
        facts=letter.content["facts"],
        url=letter.content["url"],
        reference=letter.reference,
    )
    return gateways.wechat.send_template(message), name


def _call_members(members: MemberMessenger, letter: _Outgoing) -> SendOutcome:
    content = letter.content
    if "url" in content:
        card = Card(content["title"], content["text"], content["url"], content["button"])
        return members.send_card(member_id=letter.address, card=card, reference=letter.id)
    if "stored_as" in content:
        file = StoredFile(content["stored_as"], content["file_name"])
        return members.send_file(member_id=letter.address, file=file, reference=letter.id)
    return members.send_text(member_id=letter.address, text=content["text"], reference=letter.id)


def _settlement(
    dependencies: Dependencies, letter: _Outgoing, outcome: SendOutcome, *, provider: str
) -> dict[str, Any]:
    """The columns that tell what came of one try."""
    now = dependencies.clock()
    common = {
        "last_answer": outcome.code[:200],
        "provider": provider,
        "provider_reference": outcome.reference[:100],
    }
    if outcome.answer is Answer.ACCEPTED:
        return common | {"state": NotificationState.SENT, "sent_at": now, "settled_at": now}
    if outcome.answer is Answer.PERMANENT:
        return common | {"state": NotificationState.FAILED, "settled_at": now}
    if outcome.answer is Answer.UNKNOWN and letter.channel not in REPEATABLE_CHANNELS:
        return common | {"state": NotificationState.UNKNOWN, "sent_at": now, "settled_at": now}
    pause = pause_after(
        letter.attempts,
        dependencies.policy.notifications.retry_pauses,
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    if pause is None:
        return common | {"state": NotificationState.FAILED, "settled_at": now}
    wait = max(pause, outcome.wait or timedelta())
    return common | {"state": NotificationState.QUEUED, "next_try_at": now + wait}
