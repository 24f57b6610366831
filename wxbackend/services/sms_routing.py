"""Which SMS provider a text goes by.

Whatever the providers' shares, a call that certainly did nothing is made again by the next one at
once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wxbackend.domain.notifications import Answer, SendOutcome
from wxbackend.domain.sms_failover import FULL_SHARE, NOT_SENT, Share, SmsCall
from wxbackend.gateways.interfaces.messages import ShortMessage, SmsSender
from wxbackend.services.dependencies import Dependencies

# Further providers are asked only within this time: a sign-in code must arrive while it holds.
_SECONDS_IN_ALL = 10.0


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
    shares = dependencies.sms_shares.read()
    running = [one for one in carriers if not _share(shares, one).is_stopped]
    senders = [one for one in running if one.fits(message)]
    refused, calls = (_nobody(dependencies, carriers, running), ""), []
    end = time.monotonic() + _SECONDS_IN_ALL
    for sender in _in_order(dependencies, senders, shares):
        began = time.monotonic()
        if began >= end:
            break
        outcome = sender.send(message)
        calls.append(SmsCall(sender.name, outcome.answer, time.monotonic() - began))
        if outcome.answer not in NOT_SENT:
            return Routed(outcome, sender.name, calls)
        if not refused[1] or outcome.answer is not Answer.CONFIGURATION:
            refused = (outcome, sender.name)
    return Routed(*refused, calls)


def _nobody(
    dependencies: Dependencies, carriers: Sequence[SmsSender], running: Sequence[SmsSender]
) -> SendOutcome:
    """Why no provider is asked at all."""
    if running:
        return SendOutcome(Answer.PERMANENT, "too_long")
    if carriers:
        return SendOutcome(Answer.CONFIGURATION, "all_stopped")
    answer = Answer.PERMANENT if dependencies.gateways.sms else Answer.CONFIGURATION
    return SendOutcome(answer, "no_provider")


def _in_order(
    dependencies: Dependencies, senders: Sequence[SmsSender], shares: Mapping[str, Share]
) -> Sequence[SmsSender]:
    """The providers as preferred; one of lowered share comes first only so often.

    On trial, a process's first text goes by it whatever the chance: without one it proves nothing.
    """
    if len(senders) < 2:
        return senders
    chance = random.randrange(FULL_SHARE)  # noqa: S311 - spreads texts, guards nothing

    def rank(sender: SmsSender) -> int:
        share = _share(shares, sender)
        if share.is_on_trial and dependencies.sms_shares.begin_trial(sender.name, share):
            return 0
        return 1 if chance < share.percent else 2

    return sorted(senders, key=rank)


def _share(shares: Mapping[str, Share], sender: SmsSender) -> Share:
    return shares.get(sender.name, Share())
