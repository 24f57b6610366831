"""通知记录 as it is shown: what was told to whom, in which state, and what providers answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import reading, transaction
from models.notification_lists import (
    count_states,
    find_notification,
    list_notifications,
    list_steps,
)
from models.notifications import Notification
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import COUNTED_ROWS, Page, PageRequest
from wxbackend.domain.masking import mask_member_id, mask_phone
from wxbackend.domain.notification_filter import NotificationFilter
from wxbackend.domain.notifications import (
    NEEDS_A_PERSON,
    Answer,
    Channel,
    NotificationKind,
    NotificationState,
    StepKind,
    is_unwanted,
)
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.channel_holds import HeldChannel, held_channels
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.notifications import SENT_AGAIN_FROM, is_useful

_LINK = re.compile(r"https?://\S+")
_S = NotificationState


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """`text` is None where it may not be shown and empty once it is erased; `code` is the
    provider's last word.
    """

    public_id: str
    created_at: datetime
    state: NotificationState
    channel: Channel
    kind: NotificationKind
    recipient_name: str
    recipient_unit: str
    address_masked: str
    text: str | None
    attempts: int
    code: str
    reservation_public_id: str | None
    is_dismissed: bool
    is_merged: bool
    may_send_again: bool

    @property
    def is_unwanted(self) -> bool:
        """The recipient's own choice: nobody must look after it."""
        return self.state is _S.FAILED and is_unwanted(self.channel.value, self.code)

    @property
    def may_confirm(self) -> bool:
        """Of unknown outcome: a person finds out, and decides."""
        return self.state is _S.UNKNOWN and not self.is_dismissed and self.may_send_again

    @property
    def may_dismiss(self) -> bool:
        return self.state in NEEDS_A_PERSON and not self.is_dismissed and not self.is_merged


@dataclass(frozen=True, slots=True)
class NotificationList:
    page: Page[NotificationRow]
    counts: Mapping[NotificationState, int]
    waiting: int
    total: int
    holds: Sequence[HeldChannel]


@dataclass(frozen=True, slots=True)
class Step:
    """`who` is the account's display name where a person decided."""

    at: datetime
    kind: StepKind
    answer: Answer | None
    provider: str
    code: str
    who: str


@dataclass(frozen=True, slots=True)
class NotificationDetail:
    row: NotificationRow
    steps: Sequence[Step]
    provider: str
    reference: str
    event: str
    next_try_at: datetime | None
    not_after: datetime
    sent_at: datetime | None
    settled_at: datetime | None


def show_list(
    dependencies: Dependencies, scope: Scope, asked: NotificationFilter, request: PageRequest
) -> NotificationList:
    now = dependencies.clock()
    with reading() as session:
        counts = count_states(session, scope, asked)
        total = _total(asked, counts.by_state, counts.waiting)
        rows = [
            row_of(dependencies, row, reservation, now=now)
            for row, reservation in list_notifications(session, scope, asked, request)
        ]
        return NotificationList(
            page=Page(rows, min(total, COUNTED_ROWS + 1), request),
            counts=counts.by_state,
            waiting=counts.waiting,
            total=sum(counts.by_state.values()),
            holds=held_channels(session, scope),
        )


def show_notification(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> NotificationDetail:
    """Everything known of one; the look is audited. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        found = find_notification(session, scope, public_id)
        if found is None:
            raise NotFound
        row, reservation = found
        about = ("notification", row.id)
        record(session, actor, "view_notification", about=about, now=now)
        return NotificationDetail(
            row=row_of(dependencies, row, reservation, now=now),
            steps=[
                Step(step.at, step.kind, step.answer, step.provider, step.code, who or "")
                for step, who in list_steps(session, scope, row.id)
            ],
            provider=row.provider,
            reference=row.provider_reference,
            event=row.event,
            next_try_at=row.next_try_at if row.state is _S.QUEUED else None,
            not_after=row.not_after,
            sent_at=row.sent_at,
            settled_at=row.settled_at,
        )


def reveal_address(
    dependencies: Dependencies, scope: Scope, public_id: str, *, actor: Actor
) -> str:
    """The clear phone number or account; the look is audited. Raises: NotFound."""
    with transaction() as session:
        found = find_notification(session, scope, public_id)
        if found is None or found[0].channel is Channel.WECHAT:
            raise NotFound
        about = ("notification", found[0].id)
        now = dependencies.clock()
        record(session, actor, "reveal_notification_address", about=about, now=now)
        return found[0].address


def row_of(
    dependencies: Dependencies, row: Notification, reservation: str | None, *, now: datetime
) -> NotificationRow:
    return NotificationRow(
        public_id=row.public_id,
        created_at=row.created_at,
        state=row.state,
        channel=row.channel,
        kind=row.kind,
        recipient_name=row.recipient_name,
        recipient_unit=row.recipient_unit,
        address_masked=_masked(row),
        text=_text(dependencies, row),
        attempts=row.attempts,
        code=row.last_answer,
        reservation_public_id=reservation,
        is_dismissed=row.dismissed_at is not None,
        is_merged=row.merged_into_id is not None,
        may_send_again=row.state in SENT_AGAIN_FROM and is_useful(row, now=now),
    )


def _total(asked: NotificationFilter, counts: Mapping[NotificationState, int], waiting: int) -> int:
    if asked.is_waiting:
        return waiting
    return counts.get(asked.state, 0) if asked.state else sum(counts.values())


def _masked(row: Notification) -> str:
    """An openid says nothing to anybody and is not shown at all."""
    if row.channel is Channel.SMS:
        return mask_phone(row.address)
    return mask_member_id(row.address) if row.channel is Channel.YUEZHENGYI else ""


def _text(dependencies: Dependencies, row: Notification) -> str | None:
    """The words as they arrive, without links: whoever holds one may act by it."""
    if row.kind is NotificationKind.SIGN_IN_CODE:
        return None
    content: Mapping[str, Any] = row.content
    words = content.get("text") or content.get("file_name") or ""
    words = words or " ".join(map(str, content.get("facts", {}).values()))
    return _LINK.sub(dependencies.gateways.wording.text("notifications.link"), words)
