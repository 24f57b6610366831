"""A member for whom many notices wait gets one with a count and a link. Source: product.md §6."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from models.database import reading, transaction
from models.notification_floods import find_flooded_addresses, list_waiting, merge
from models.notifications import Notification
from wxbackend.domain.moments import format_second, local_day
from wxbackend.domain.notifications import (
    DENIED_KINDS,
    Channel,
    NotificationKind,
    NotificationState,
)
from wxbackend.services.dependencies import Dependencies

_MOST_WAITING = 20


def merge_floods(dependencies: Dependencies) -> int:
    """Merge what waits for every flooded member; how many notices were merged."""
    now = dependencies.clock()
    with reading() as session:
        flooded = find_flooded_addresses(session, more_than=_MOST_WAITING, now=now)
    merged = 0
    for address_hash in flooded:
        with transaction() as session:
            waiting = list_waiting(session, address_hash, now=now)
            if len(waiting) > _MOST_WAITING:
                merge(session, [row.id for row in waiting], _one_for(dependencies, waiting))
                merged += len(waiting)
    return merged


def _one_for(dependencies: Dependencies, waiting: Sequence[Notification]) -> Notification:
    now, wording = dependencies.clock(), dependencies.gateways.wording
    first, last = waiting[0], waiting[-1]
    denied = sum(row.kind in DENIED_KINDS for row in waiting)
    days = {"basis": "decided", "first": local_day(first.created_at).isoformat()}
    days["last"] = local_day(last.created_at).isoformat()
    return Notification(
        event=f"merged:{first.id}-{last.id}",
        recipient=last.recipient,
        recipient_name=last.recipient_name,
        recipient_unit=last.recipient_unit,
        channel=Channel.YUEZHENGYI,
        kind=NotificationKind.PASSAGES_MERGED,
        address=last.address,
        address_hash=last.address,
        content={
            "title": wording.text(
                "message.passages_merged_title", district=dependencies.policy.district.name
            ),
            "text": wording.text(
                "message.passages_merged",
                start=format_second(first.created_at),
                end=format_second(last.created_at),
                count=len(waiting),
                allowed=len(waiting) - denied,
                denied=denied,
            ),
            "url": f"{dependencies.public_base_url}/office/reservations?{urlencode(days)}",
            "button": wording.text("message.digest_button"),
        },
        state=NotificationState.QUEUED,
        next_try_at=now,
        not_after=max(row.not_after for row in waiting),
        created_at=now,
    )
