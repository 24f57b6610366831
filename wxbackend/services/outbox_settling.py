"""What a provider's answer makes of a notification, and of its whole channel."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from models.channel_holds import HoldCause, hold_channel, keep_holding, lift_hold
from models.database import Session, at_once, transaction
from models.notifications import settle_merged
from models.outbox import add_tried_step, settle_sending
from models.outbox_claims import Claimed
from models.outbox_quick import Accepted, Beginning, settle_accepted
from models.outbox_repeats import has_perhaps_arrived
from wxbackend.domain.channel_holds import HoldReason, hold_reason, probe_pause
from wxbackend.domain.notifications import (
    REPEATABLE_CHANNELS,
    Answer,
    NotificationKind,
    NotificationState,
    SendOutcome,
    is_unwanted,
    next_pause,
)
from wxbackend.domain.policy import NotificationPolicy
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.sms_health import note_calls
from wxbackend.services.sms_routing import Routed

_log = logging.getLogger(__name__)
_S = NotificationState
_LONGEST_CODE, _LONGEST_REFERENCE = 200, 100


def settle(
    dependencies: Dependencies,
    letter: Claimed,
    answered: Routed,
    *,
    holder: str,
    following: Beginning | None,
) -> tuple[NotificationState, bool]:
    """Write what came of the call and, in the same transaction, hold or free the channel.

    What it became; and whether the `following` message was marked in the same breath.
    """
    now = dependencies.clock()
    if _is_ordinary(letter, answered):
        seconds = answered.calls[0].seconds if answered.calls else None
        accepted = Accepted(
            letter.id, holder, now, answered.provider, _code(answered), _reference(answered)
        )
        with at_once() as connection:
            is_begun = settle_accepted(
                connection, accepted, call_seconds=seconds, following=following
            )
        return _S.SENT, is_begun
    values = _columns(dependencies.policy.notifications, letter, answered, now=now)
    with transaction() as session:
        if values["state"] is _S.FAILED and _is_open(session, letter, answered.outcome):
            values["state"] = _S.UNKNOWN
        if settle_sending(session, letter.id, holder=holder, values=values):
            add_tried_step(session, _step(letter, answered, now=now))
            if letter.kind is NotificationKind.PASSAGES_MERGED and values["state"] is not _S.QUEUED:
                settle_merged(session, letter.id, values)
        note_calls(session, answered.calls, now=now)
        change = _change_hold(session, letter, answered, now=now)
    if change is not None:
        _log_change(letter, answered, change)
    return NotificationState(values["state"]), False


def _is_ordinary(letter: Claimed, answered: Routed) -> bool:
    """Taken by the first provider that was asked, and nothing else hangs on it."""
    return (
        answered.outcome.answer is Answer.ACCEPTED
        and len(answered.calls) <= 1
        and not letter.is_probe
        and letter.kind is not NotificationKind.PASSAGES_MERGED
    )


def _reference(answered: Routed) -> str:
    return answered.outcome.reference[:_LONGEST_REFERENCE]


def _code(answered: Routed) -> str:
    return answered.outcome.code[:_LONGEST_CODE]


def _step(letter: Claimed, answered: Routed, *, now: datetime) -> dict[str, Any]:
    return {
        "notification_id": letter.id,
        "at": now,
        "answer": answered.outcome.answer,
        "provider": answered.provider,
        "code": _code(answered),
        "reference": _reference(answered),
    }


def _columns(
    policy: NotificationPolicy, letter: Claimed, answered: Routed, *, now: datetime
) -> dict[str, Any]:
    """The columns that tell what came of one try."""
    outcome = answered.outcome
    common = {
        "last_answer": _code(answered),
        "provider": answered.provider,
        "provider_reference": _reference(answered),
    }
    if outcome.answer is Answer.ACCEPTED:
        return common | {"state": _S.SENT, "sent_at": now, "settled_at": now}
    if hold_reason(outcome) is not None:
        # The channel waits, not this notification: its try does not count.
        return common | {"state": _S.QUEUED, "attempts": letter.attempts, "next_try_at": now}
    if outcome.answer is Answer.PERMANENT:
        at_rest = {"dismissed_at": now} if is_unwanted(answered.provider, _code(answered)) else {}
        return common | {"state": _S.FAILED, "settled_at": now, **at_rest}
    if outcome.answer is Answer.UNKNOWN and letter.channel not in REPEATABLE_CHANNELS:
        return common | {"state": _S.UNKNOWN, "sent_at": now, "settled_at": now}
    pause = next_pause(
        letter.kind,
        letter.attempts + 1,
        usual=policy.retry_pauses,
        most_tries=outcome.most_tries,
        chance=_chance(),
    )
    if pause is None:
        return common | {"state": _S.FAILED, "settled_at": now}
    wait = max(pause, outcome.wait or timedelta())
    return common | {"state": _S.QUEUED, "next_try_at": now + wait}


def _is_open(session: Session, letter: Claimed, outcome: SendOutcome) -> bool:
    """Whether it may have arrived, now or at an earlier try, although it ends here."""
    return outcome.answer is Answer.UNKNOWN or has_perhaps_arrived(session, letter.id)


def _change_hold(
    session: Session, letter: Claimed, answered: Routed, *, now: datetime
) -> str | None:
    """Hold, keep or free the channel; what changed, for the log."""
    reason = hold_reason(answered.outcome)
    if reason is None:
        return "lifted" if letter.is_probe and lift_hold(session, letter.channel) else None
    cause = HoldCause(reason, _code(answered), answered.provider)
    wait = answered.outcome.wait if reason is HoldReason.QUOTA else None
    if letter.is_probe:
        until = now + wait if wait else None
        if keep_holding(session, letter.channel, cause, next_probe_at=until):
            return None
    next_probe_at = now + (wait or probe_pause(0, chance=_chance()))
    held = hold_channel(session, letter.channel, cause, now=now, next_probe_at=next_probe_at)
    return "held" if held else None


def _log_change(letter: Claimed, answered: Routed, change: str) -> None:
    reason = hold_reason(answered.outcome)
    _log.warning(
        "channel held" if change == "held" else "channel freed",
        extra={
            "channel": letter.channel.value,
            "reason": reason.value if reason else answered.outcome.answer.value,
            "provider": answered.provider,
            "provider_said": _code(answered),
        },
    )


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads retries, guards nothing
