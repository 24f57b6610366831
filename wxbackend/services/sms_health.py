"""How SMS providers do: every call is noted, who fails or is slow is left, and tried again later.

After GOV.UK Notify's way; the steps and their reasons stand in docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from models.database import Session, reading, transaction
from models.sms_providers import CallCounts, add_call, count_calls, delete_old_calls
from wxbackend.domain.notifications import Answer
from wxbackend.domain.sms_failover import (
    FAILURE_WINDOW,
    FULL_SHARE,
    NEWEST_CALLS,
    SLOWNESS_WINDOW,
    Share,
    ShareReason,
    SmsCall,
    after_trial,
    failed_trial,
    is_failing,
    is_slow,
    pause_before_step,
)
from wxbackend.domain.sms_templates import SMS_FACTS
from wxbackend.gateways.interfaces.messages import SmsSender
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.sms_shares import put_share

_CALLS_KEPT_FOR = timedelta(hours=1)
_NO_CALLS = CallCounts(0, 0, 0.0)


def note_calls(session: Session, calls: Sequence[SmsCall], *, now: datetime) -> None:
    """Write calls down, in the transaction that tells what came of their text."""
    for call in calls:
        add_call(
            session, provider=call.provider, at=now, is_good=call.is_good, seconds=call.seconds
        )


def leave_failing(dependencies: Dependencies, calls: Sequence[SmsCall]) -> None:
    """Leave the providers that failed just now, if they fail too often. After `note_calls`."""
    since = dependencies.clock() - FAILURE_WINDOW
    for call in calls:
        share = dependencies.sms_shares.of(call.provider)
        if call.is_good or share.percent == 0:
            continue
        with reading() as session:
            counts = count_calls(session, call.provider, since=since, newest=NEWEST_CALLS)
        after = _after_bad_call(share, call.answer, counts)
        if after is not None:
            put_share(dependencies, call.provider, before=share, after=after, counts=counts)


def _after_bad_call(share: Share, answer: Answer, counts: CallCounts) -> Share | None:
    if answer is Answer.CONFIGURATION:
        return Share(0, ShareReason.CONFIGURATION)
    if share.is_on_trial:
        return failed_trial(share)
    return Share(0, ShareReason.FAILING) if is_failing(counts.calls, counts.bad) else None


def recover_providers(dependencies: Dependencies) -> int:
    """Give lowered providers back a part of their texts, and leave slow ones; changes made."""
    changes = 0
    for sender in dependencies.gateways.sms:
        changes += _let_rise(dependencies, sender.name)
    changes += _leave_slow_ones(dependencies)
    with transaction() as session:
        delete_old_calls(session, before=dependencies.clock() - _CALLS_KEPT_FOR)
    return changes


def _let_rise(dependencies: Dependencies, provider: str) -> bool:
    now, policy = dependencies.clock(), dependencies.policy.notifications
    share = dependencies.sms_shares.of(provider)
    if share.percent == FULL_SHARE or share.changed_at is None:
        return False
    pause = pause_before_step(
        share, step=policy.sms_recovery_step, configuration=policy.sms_configuration_pause
    )
    if now - share.changed_at < pause:
        return False
    counts = _NO_CALLS
    if share.percent:
        with reading() as session:
            counts = count_calls(session, provider, since=share.changed_at)
    after = after_trial(share, calls=counts.calls, bad=counts.bad, seconds=counts.seconds)
    if after is None:
        return False
    return put_share(dependencies, provider, before=share, after=after, counts=counts)


def _leave_slow_ones(dependencies: Dependencies) -> int:
    """Leave who is slow, but only while others that are not can take every text of theirs."""
    senders, since = dependencies.gateways.sms, dependencies.clock() - SLOWNESS_WINDOW
    with reading() as session:
        counts = {one.name: count_calls(session, one.name, since=since) for one in senders}
    shares = {one.name: dependencies.sms_shares.of(one.name) for one in senders}
    quick = [one for one in senders if shares[one.name].percent and not _is_slow(counts, one)]
    changes = 0
    for sender in senders:
        share = shares[sender.name]
        if share.percent < FULL_SHARE or sender in quick:
            continue
        if _can_stand_in(senders, quick, sender):
            found, after = counts[sender.name], Share(0, ShareReason.SLOW)
            changes += put_share(dependencies, sender.name, before=share, after=after, counts=found)
    return changes


def _is_slow(counts: Mapping[str, CallCounts], sender: SmsSender) -> bool:
    found = counts[sender.name]
    return is_slow(found.calls, found.seconds)


def _can_stand_in(
    senders: Sequence[SmsSender], quick: Sequence[SmsSender], slow: SmsSender
) -> bool:
    """Whether the quick ones carry what anybody else than the slow one carries."""
    shared = [
        kind
        for kind in SMS_FACTS
        if slow.carries(kind) and any(one.carries(kind) for one in senders if one is not slow)
    ]
    return bool(shared) and all(any(one.carries(kind) for one in quick) for kind in shared)
