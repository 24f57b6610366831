"""Receipts of SMS providers: read tolerantly, each applied once."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from wxbackend.domain.errors import NotFound
from wxbackend.services.deliveries import settle_delivery
from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)
# Providers bundle up to some hundreds; what lies beyond is nobody's receipt.
_MOST_AT_ONCE = 1_000


def take_receipts(dependencies: Dependencies, *, provider: str, body: bytes) -> Mapping[str, Any]:
    """Apply what a provider reports; the answer that it wants to hear.

    What cannot be read is counted in the log and answered like the rest: the same would come again.
    Raises: NotFound for a provider that is not in use.
    """
    sender = next((one for one in dependencies.gateways.sms if one.name == provider), None)
    if sender is None:
        raise NotFound
    settled = unread = 0
    items = _items(body)
    for item in items:
        report = sender.read_report(item)
        if report is None:
            unread += 1
            continue
        settled += settle_delivery(
            dependencies,
            provider=provider,
            reference=report.reference,
            address=report.phone,
            delivered=report.is_delivered,
            code=report.code,
            at=report.at or dependencies.clock(),
            own_reference=report.own_reference,
        )
    _log.log(
        logging.WARNING if unread or not items else logging.INFO,
        "receipts read",
        extra={"provider": provider, "items": len(items), "settled": settled, "unread": unread},
    )
    return sender.receipt_answer


def _items(body: bytes) -> Sequence[Mapping[str, Any]]:
    """The objects of a JSON list, or the one object."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = content if isinstance(content, list) else [content]
    return [item for item in found if isinstance(item, dict)][:_MOST_AT_ONCE]
