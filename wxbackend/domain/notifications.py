"""Notifications: their kinds, channels, states and moves, and the pauses between tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    YUEZHENGYI = "yuezhengyi"
    WECHAT = "wechat"


class NotificationKind(StrEnum):
    """One kind has one wording in templates/wording/messages.toml."""

    PASSAGE_ALLOWED_ROSTER = "passage_allowed_roster"
    PASSAGE_DENIED_ROSTER = "passage_denied_roster"
    PASSAGE_ALLOWED_OTHER = "passage_allowed_other"
    PASSAGE_DENIED_OTHER = "passage_denied_other"
    RESERVATION_MADE = "reservation_made"
    PASSAGE_DECIDED = "passage_decided"
    SIGN_IN_CODE = "sign_in_code"
    PASSAGE_CORRECTED = "passage_corrected"
    ALERT_TEST = "alert_test"
    LEAD_REPLACED = "lead_replaced"
    RESERVATION_PREPARED = "reservation_prepared"
    DIGEST = "digest"
    PASSAGES_MERGED = "passages_merged"


# Of which many may wait for one member at once, and one can stand for many.
PASSAGE_KINDS = frozenset(
    {
        NotificationKind.PASSAGE_ALLOWED_ROSTER,
        NotificationKind.PASSAGE_DENIED_ROSTER,
        NotificationKind.PASSAGE_ALLOWED_OTHER,
        NotificationKind.PASSAGE_DENIED_OTHER,
    }
)
DENIED_KINDS = frozenset(
    {NotificationKind.PASSAGE_DENIED_ROSTER, NotificationKind.PASSAGE_DENIED_OTHER}
)


class NotificationState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


_S = NotificationState
MOVES: dict[NotificationState, frozenset[NotificationState]] = {
    # Unknown: one that may have arrived, and waited too long to be repeated.
    _S.QUEUED: frozenset({_S.SENDING, _S.EXPIRED, _S.UNKNOWN}),
    _S.SENDING: frozenset({_S.QUEUED, _S.SENT, _S.FAILED, _S.UNKNOWN, _S.EXPIRED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.FAILED: frozenset({_S.QUEUED}),  # a person sends it again
    # A person decides, or a late receipt does.
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.DELIVERED, _S.FAILED}),
    _S.EXPIRED: frozenset({_S.QUEUED}),
}

# A provider of these channels recognises the same request and delivers it once, so a send of
# unknown outcome may be repeated. Source: protocols.md sections 2 and 3.
REPEATABLE_CHANNELS = frozenset({Channel.YUEZHENGYI})

# The platform recognises a repeat for three hours at least (decision 5), after which it would
# arrive once more; less what a call may take.
REPEAT_KNOWN_FOR = timedelta(hours=2, minutes=50)

# Asked for anew instead of sent again: nobody waits for an old code or an old test.
NEVER_SENT_AGAIN = frozenset({NotificationKind.SIGN_IN_CODE, NotificationKind.ALERT_TEST})
# What waits for a person, unless it is of a kind that nobody sends again.
NEEDS_A_PERSON = frozenset({NotificationState.FAILED, NotificationState.UNKNOWN})
# A driver who does not follow, did not subscribe, or refuses messages: nothing is to be done.
_UNWANTED = frozenset({"43004", "43101", "failed:user block"})
# How long after the event telling of it still makes sense.
_USEFUL_FOR = timedelta(days=7)
_RESERVATION_USEFUL_FOR = timedelta(days=1)


class StepKind(StrEnum):
    """What happens to a notification after it was made: tries, a receipt, a person's decisions."""

    TRIED = "tried"
    RECEIPT = "receipt"
    SENT_AGAIN = "sent_again"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


# WeChat's two apps: the Official Account bears the channel's name.
MINI_PROGRAM = "mini_program"


def is_unwanted(provider: str, code: str) -> bool:
    """Whether a failure is the recipient's own choice, which nobody must look after."""
    return provider in {Channel.WECHAT.value, MINI_PROGRAM} and code in _UNWANTED


def send_again_until(
    kind: NotificationKind, *, created_at: datetime, not_after: datetime
) -> datetime | None:
    """Until when a person may send it once more; None for what is never sent again."""
    if kind in NEVER_SENT_AGAIN:
        return None
    if kind is NotificationKind.RESERVATION_PREPARED:
        return not_after  # its text names the moment
    if kind is NotificationKind.RESERVATION_MADE:
        return created_at + _RESERVATION_USEFUL_FOR
    return created_at + _USEFUL_FOR


# Nobody waits for a code longer than a moment: one more round, then the person asks again.
_PAUSES_OF_CODES = (timedelta(seconds=20),)


def retry_pauses(
    kind: NotificationKind, *, usual: tuple[timedelta, ...], most_tries: int | None = None
) -> tuple[timedelta, ...]:
    """The pauses between the tries of this kind, of which a provider may want no more than some."""
    pauses = _PAUSES_OF_CODES if kind is NotificationKind.SIGN_IN_CODE else usual
    return pauses if most_tries is None else pauses[: most_tries - 1]


# Sent whenever the provider is back, as long as it is of use: tries do not run out.
TRIED_TO_THE_END = frozenset({NotificationKind.DIGEST})
_LONGEST_PAUSE_TO_THE_END = timedelta(minutes=15)


def next_pause(
    kind: NotificationKind,
    attempts: int,
    *,
    usual: tuple[timedelta, ...],
    most_tries: int | None,
    chance: float,
) -> timedelta | None:
    """The pause after so many tries of this kind, or None after the last; see `pause_after`."""
    if kind in TRIED_TO_THE_END:
        pauses = tuple(min(pause, _LONGEST_PAUSE_TO_THE_END) for pause in usual)
        return pause_after(min(attempts, len(pauses)), pauses, chance=chance)
    return pause_after(
        attempts, retry_pauses(kind, usual=usual, most_tries=most_tries), chance=chance
    )


_JITTER = 0.1  # part of a pause, so that many retries do not come at one moment


def pause_after(attempts: int, pauses: Sequence[timedelta], *, chance: float) -> timedelta | None:
    """The pause after `attempts` tries, or None after the last. `chance` lies in [0, 1)."""
    if attempts > len(pauses):
        return None
    return pauses[attempts - 1] * (1 + _JITTER * (2 * chance - 1))


class Answer(StrEnum):
    """What a provider's answer to one send means."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """One send's result: `code` is the provider's own word, `wait` how long it asks to pause.

    `most_tries`: so often the provider wants to be asked while it answers with this code.
    """

    answer: Answer
    code: str = ""
    reference: str = ""
    wait: timedelta | None = None
    most_tries: int | None = None
