"""Which SMS provider a text goes by, and when a provider is left for a while.

After GOV.UK Notify's way: a provider that fails or is slow loses its share of the texts, and gets
it back by steps once it is well. Whatever its share, a call that certainly did nothing is made
again by the next provider at once.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import DATABASE_AWAY, IntegrityError, Session, reading, transaction
from models.sms_providers import (
    FULL_SHARE,
    CallCounts,
    add_call,
    change_share,
    count_calls,
    delete_old_calls,
    list_lowered,
    shares,
)
from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.domain.sms_failover import (
    FAILURE_WINDOW,
    NEWEST_CALLS,
    RECOVERY_STEP,
    SLOWNESS_WINDOW,
    is_failing,
    is_slow,
    next_share,
)
from wxbackend.gateways.interfaces.messages import ShortMessage, SmsSender
from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)
# These say that the text was certainly not sent.
_NOT_SENT = frozenset({Answer.TRANSIENT, Answer.THROTTLED, Answer.CONFIGURATION})
_BAD = _NOT_SENT | {Answer.UNKNOWN}
# No further provider is tried after this time: somebody may be waiting for a code.
_SECONDS_IN_ALL = 10.0
_CALLS_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SmsCall:
    """One call of one provider, to be noted with what came of the text."""

    provider: str
    is_good: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Routed:
    """What came of a text, by whom, and the calls that were made for it."""

    outcome: SendOutcome
    provider: str
    calls: Sequence[SmsCall] = ()


def send_sms(dependencies: Dependencies, message: ShortMessage) -> Routed:
    """Send by the first provider that takes it. No calls are noted: no database is needed.

    Our set-up is said to be wrong only where every provider says so.
    """
    carriers = [one for one in dependencies.gateways.sms if one.carries(message.kind)]
    senders = [one for one in carriers if one.fits(message)]
    refused, calls = (_nobody(dependencies, is_carried=bool(carriers)), ""), []
    end = time.monotonic() + _SECONDS_IN_ALL
    for sender in _in_order(dependencies, senders):
        began = time.monotonic()
        if began >= end:
            break
        outcome = sender.send(message)
        seconds = time.monotonic() - began
        calls.append(SmsCall(sender.name, outcome.answer not in _BAD, seconds))
        if outcome.answer not in _NOT_SENT:
            return Routed(outcome, sender.name, calls)
        if not refused[1] or outcome.answer is not Answer.CONFIGURATION:
            refused = (outcome, sender.name)
    return Routed(*refused, calls)


def _nobody(dependencies: Dependencies, *, is_carried: bool) -> SendOutcome:
    """Why no provider is asked at all."""
    if is_carried:
        return SendOutcome(Answer.PERMANENT, "too_long")
    answer = Answer.PERMANENT if dependencies.gateways.sms else Answer.CONFIGURATION
    return SendOutcome(answer, "no_provider")


def _in_order(dependencies: Dependencies, senders: Sequence[SmsSender]) -> Sequence[SmsSender]:
    """The providers as preferred; one of lowered share comes first only so often."""
    if len(senders) < 2:
        return senders
    share = _shares_lately(dependencies)
    chance = random.randrange(FULL_SHARE)  # noqa: S311 - spreads texts, guards nothing
    return sorted(senders, key=lambda sender: chance >= share[sender.name])


def _shares_lately(dependencies: Dependencies) -> Mapping[str, int]:
    """As they were read less than a second ago, or longer while the database is away."""
    memo = dependencies.sms_shares
    if not memo.is_fresh:
        names = [sender.name for sender in dependencies.gateways.sms]
        try:
            with reading() as session:
                memo.put(shares(session, names))
        except DATABASE_AWAY:
            memo.put({**dict.fromkeys(names, FULL_SHARE), **memo.values})
    return memo.values


def note_calls(session: Session, calls: Sequence[SmsCall], *, now: datetime) -> None:
    """Write calls down, in the transaction that tells what came of their text."""
    for call in calls:
        add_call(
            session, provider=call.provider, at=now, is_good=call.is_good, seconds=call.seconds
        )


def leave_failing(dependencies: Dependencies, calls: Sequence[SmsCall]) -> None:
    """Leave the providers that failed just now, if they fail too often. After `note_calls`."""
    since = dependencies.clock() - FAILURE_WINDOW
    for provider in {call.provider for call in calls if not call.is_good}:
        with reading() as session:
            counts = count_calls(session, provider, since=since, newest=NEWEST_CALLS)
            share = shares(session, [provider])[provider]
        if share > 0 and is_failing(counts.calls, counts.bad):
            _change(dependencies, provider, before=share, after=0, reason="failing", counts=counts)


def recover_providers(dependencies: Dependencies) -> int:
    """Give lowered providers back a part of their texts, and lower slow ones; changes made."""
    now = dependencies.clock()
    with reading() as session:
        lowered = [(row.provider, row.share, row.changed_at) for row in list_lowered(session)]
        slow = _find_slow(session, dependencies, now=now)
    changes = 0
    for provider, share, changed_at in lowered:
        if now - changed_at < RECOVERY_STEP:
            continue
        with reading() as session:
            counts = count_calls(session, provider, since=changed_at)
        after = next_share(share, bad=counts.bad)
        reason = "recovering" if after > share else "still_failing"
        changes += _change(
            dependencies, provider, before=share, after=after, reason=reason, counts=counts
        )
    for provider, counts in slow:
        changes += _change(
            dependencies, provider, before=FULL_SHARE, after=0, reason="slow", counts=counts
        )
    with transaction() as session:
        delete_old_calls(session, before=now - _CALLS_KEPT_FOR)
    return changes


def _find_slow(
    session: Session, dependencies: Dependencies, *, now: datetime
) -> Sequence[tuple[str, CallCounts]]:
    """Providers of full share that are slow while another one is not."""
    names = [sender.name for sender in dependencies.gateways.sms]
    counts = {name: count_calls(session, name, since=now - SLOWNESS_WINDOW) for name in names}
    slow = [name for name in names if is_slow(counts[name].calls, counts[name].seconds)]
    if len(slow) == len(names):
        return ()
    share = shares(session, slow)
    return [(name, counts[name]) for name in slow if share[name] == FULL_SHARE]


def _change(
    dependencies: Dependencies,
    provider: str,
    *,
    before: int,
    after: int,
    reason: str,
    counts: CallCounts,
) -> bool:
    if before == after:
        return False
    try:
        with transaction() as session:
            changed = change_share(
                session,
                provider,
                before=before,
                after=after,
                reason=reason,
                counts=counts,
                now=dependencies.clock(),
            )
    except IntegrityError:
        return False  # another process was first
    finally:
        dependencies.sms_shares.forget()
    if changed:
        _log.warning(
            "sms provider's share changed",
            extra={
                "provider": provider,
                "before": before,
                "after": after,
                "reason": reason,
                "bad": counts.bad,
                "calls": counts.calls,
            },
        )
    return changed
