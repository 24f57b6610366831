"""Which SMS provider a text goes by, and when a provider is left for a while.

After GOV.UK Notify's way: a provider that fails or is slow loses its share of the texts, and gets
it back by steps once it is well. Whatever its share, a call that certainly did nothing is made
again by the next provider at once.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from models.database import IntegrityError, Session, reading, transaction
from models.sms_providers import (
    FULL_SHARE,
    CallCounts,
    ProviderCall,
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


def send_sms(dependencies: Dependencies, message: ShortMessage) -> tuple[SendOutcome, str]:
    """Send by the first provider that takes it; what came of it, and by whom.

    Our set-up is said to be wrong only where every provider says so.
    """
    carriers = [one for one in dependencies.gateways.sms if one.carries(message.kind)]
    senders = [one for one in carriers if one.fits(message)]
    refused = (_nobody(dependencies, is_carried=bool(carriers)), "")
    end = time.monotonic() + _SECONDS_IN_ALL
    for sender in _in_order(senders):
        began = time.monotonic()
        if began >= end:
            break
        outcome = sender.send(message)
        _note(dependencies, sender.name, outcome, seconds=time.monotonic() - began)
        if outcome.answer not in _NOT_SENT:
            return outcome, sender.name
        if not refused[1] or outcome.answer is not Answer.CONFIGURATION:
            refused = (outcome, sender.name)
    return refused


def _nobody(dependencies: Dependencies, *, is_carried: bool) -> SendOutcome:
    """Why no provider is asked at all."""
    if is_carried:
        return SendOutcome(Answer.PERMANENT, "too_long")
    answer = Answer.PERMANENT if dependencies.gateways.sms else Answer.CONFIGURATION
    return SendOutcome(answer, "no_provider")


def _in_order(senders: Sequence[SmsSender]) -> Sequence[SmsSender]:
    """The providers as preferred; one of lowered share comes first only so often."""
    if len(senders) < 2:
        return senders
    with reading() as session:
        share = shares(session, [sender.name for sender in senders])
    chance = random.randrange(FULL_SHARE)  # noqa: S311 - spreads texts, guards nothing
    return sorted(senders, key=lambda sender: chance >= share[sender.name])


def _note(
    dependencies: Dependencies, provider: str, outcome: SendOutcome, *, seconds: float
) -> None:
    now, is_good = dependencies.clock(), outcome.answer not in _BAD
    with transaction() as session:
        add_call(session, ProviderCall(provider=provider, at=now, is_good=is_good, seconds=seconds))
        counts = count_calls(session, provider, since=now - FAILURE_WINDOW, newest=NEWEST_CALLS)
        share = shares(session, [provider])[provider]
    if not is_good and share > 0 and is_failing(counts.calls, counts.bad):
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
