"""短信通道: how each SMS provider does, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import IntegrityError, Session, reading, transaction
from models.sms_providers import (
    CallCounts,
    ProviderChange,
    change_share,
    count_calls,
    list_provider_changes,
    read_shares,
)
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.errors import Conflict, NotFound
from wxbackend.domain.notifications import NotificationKind
from wxbackend.domain.sms_failover import (
    FULL_SHARE,
    Share,
    ShareReason,
    pause_before_step,
)
from wxbackend.domain.sms_templates import SMS_FACTS
from wxbackend.gateways.interfaces.messages import SmsSender
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.sms_shares import log_change

_HOUR = timedelta(hours=1)
_MOST_CHANGES = 20


class SmsShareMovedOn(Conflict):
    code = "sms_share_moved_on"


@dataclass(frozen=True, slots=True)
class ShownProvider:
    """`seconds` is the mean of the last hour's `calls`; `tried_at` when its share may rise."""

    name: str
    share: Share
    kinds: Sequence[NotificationKind]
    calls: int
    bad: int
    seconds: float
    tried_at: datetime | None

    @property
    def is_whole(self) -> bool:
        return self.share.percent == FULL_SHARE


@dataclass(frozen=True, slots=True)
class ShownChange:
    """`who` is the account's display name where a person decided."""

    at: datetime
    provider: str
    before: int
    after: int
    reason: str
    calls: int
    bad: int
    who: str


@dataclass(frozen=True, slots=True)
class SmsProviders:
    providers: Sequence[ShownProvider]
    changes: Sequence[ShownChange]


def show_sms_providers(dependencies: Dependencies) -> SmsProviders:
    """In the order of preference, and the newest changes."""
    since = dependencies.clock() - _HOUR
    with reading() as session:
        shares = read_shares(session)
        return SmsProviders(
            [
                _shown(
                    dependencies,
                    sender,
                    shares.get(sender.name, Share()),
                    count_calls(session, sender.name, since=since),
                )
                for sender in dependencies.gateways.sms
            ],
            [
                _change(change, who or "")
                for change, who in list_provider_changes(session, limit=_MOST_CHANGES)
            ],
        )


def stop_sms_provider(dependencies: Dependencies, provider: str, *, actor: Actor) -> None:
    """No text goes by it until a person says so. Raises: NotFound, SmsShareMovedOn."""
    after = Share(0, ShareReason.STOPPED)
    _decide(dependencies, provider, action="stop_sms_provider", after=after, actor=actor)


def restore_sms_provider(dependencies: Dependencies, provider: str, *, actor: Actor) -> None:
    """It gets all its texts again at once. Raises: NotFound, SmsShareMovedOn."""
    after = Share(FULL_SHARE, ShareReason.RESTORED)
    _decide(dependencies, provider, action="restore_sms_provider", after=after, actor=actor)


def _decide(
    dependencies: Dependencies, provider: str, *, action: str, after: Share, actor: Actor
) -> None:
    if provider not in {sender.name for sender in dependencies.gateways.sms}:
        raise NotFound
    now = dependencies.clock()
    try:
        with transaction() as session:
            before = read_shares(session).get(provider, Share())
            if (before.percent, before.is_stopped) == (after.percent, after.is_stopped):
                return
            counts = count_calls(session, provider, since=now - _HOUR)
            _write(session, provider, before, after, counts, now=now, actor=actor)
            record(
                session,
                actor,
                action,
                about=("sms_provider", provider),
                now=now,
                details={"before": before.percent, "after": after.percent},
            )
    except IntegrityError:
        raise SmsShareMovedOn from None
    dependencies.sms_shares.forget()
    log_change(provider, before=before, after=after, counts=counts)


def _write(
    session: Session,
    provider: str,
    before: Share,
    after: Share,
    counts: CallCounts,
    /,
    *,
    now: datetime,
    actor: Actor,
) -> None:
    changed = change_share(
        session,
        provider,
        before=before,
        after=after,
        counts=counts,
        now=now,
        account_id=actor.id if actor.kind is ActorKind.ACCOUNT else None,
    )
    if not changed:
        raise SmsShareMovedOn


def _shown(
    dependencies: Dependencies, sender: SmsSender, share: Share, counts: CallCounts
) -> ShownProvider:
    policy = dependencies.policy.notifications
    pause = pause_before_step(
        share, step=policy.sms_recovery_step, configuration=policy.sms_configuration_pause
    )
    is_waiting = share.percent < FULL_SHARE and not share.is_stopped
    return ShownProvider(
        name=sender.name,
        share=share,
        kinds=[kind for kind in SMS_FACTS if sender.carries(kind)],
        calls=counts.calls,
        bad=counts.bad,
        seconds=counts.seconds,
        tried_at=share.changed_at + pause if is_waiting and share.changed_at else None,
    )


def _change(change: ProviderChange, who: str) -> ShownChange:
    return ShownChange(
        at=change.at,
        provider=change.provider,
        before=change.share_before,
        after=change.share_after,
        reason=change.reason,
        calls=change.calls,
        bad=change.bad_calls,
        who=who,
    )
