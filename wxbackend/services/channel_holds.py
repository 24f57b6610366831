"""Held channels as a person sees them, and asking a provider again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.channel_holds import probe_at_once
from models.database import Session, transaction
from models.notification_lists import list_holds_and_waiting
from wxbackend.domain.actors import Actor
from wxbackend.domain.channel_holds import HoldReason
from wxbackend.domain.notifications import Channel
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class HeldChannel:
    """`code` is the provider's word, `waiting` how many notifications wait."""

    channel: Channel
    reason: HoldReason
    code: str
    provider: str
    since: datetime
    next_probe_at: datetime
    waiting: int


def held_channels(session: Session, scope: Scope) -> Sequence[HeldChannel]:
    return [
        HeldChannel(
            hold.channel,
            hold.reason,
            hold.code,
            hold.provider,
            hold.since,
            hold.next_probe_at,
            waiting,
        )
        for hold, waiting in list_holds_and_waiting(session, scope)
    ]


def try_channel_again(dependencies: Dependencies, channel: Channel, *, actor: Actor) -> bool:
    """Let one notification of a held channel go at once; False when it is not held any more."""
    now = dependencies.clock()
    with transaction() as session:
        if not probe_at_once(session, channel, now=now):
            return False
        about = ("channel", channel.value)
        record(session, actor, "try_channel_again", about=about, now=now)
    return True
