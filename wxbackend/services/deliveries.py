"""Receipts: what a provider reports of a message after it took it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from models.database import reading, transaction
from models.deliveries import (
    Report,
    apply_report,
    delete_old_reports,
    has_kept_reports,
    is_known,
    keep_report,
    take_matching_reports,
)
from wxbackend.services.dependencies import Dependencies

_log = logging.getLogger(__name__)
_KEPT_FOR = timedelta(days=1)
_LONGEST_REFERENCE, _LONGEST_CODE = 100, 200
_BATCH = 200


def settle_delivery(
    dependencies: Dependencies,
    *,
    provider: str,
    reference: str,
    address: str | None,
    delivered: bool,
    code: str,
    at: datetime,
    own_reference: str = "",
) -> bool:
    """Write that a message arrived or failed; True when this receipt is the one that settled it.

    A repeated or overtaken one changes nothing. One that comes before our own settlement is kept
    for `apply_early_receipts`. `address` is needed where a reference stands for several messages;
    `own_reference` is the notification's public id, where the provider gives it back.
    """
    if not reference and not own_reference:
        return False
    now = dependencies.clock()
    report = Report(
        provider=provider,
        reference=reference[:_LONGEST_REFERENCE],
        address=address,
        is_delivered=delivered,
        code=code[:_LONGEST_CODE],
        at=min(at, now),  # a provider's clock may be ahead of ours
        own_reference=own_reference,
    )
    with transaction() as session:
        moved = apply_report(session, report)
        is_early = not moved and bool(reference) and not is_known(session, report)
        if is_early:
            keep_report(session, report, now=now)
    _log.info(
        "receipt taken",
        extra={
            "provider": provider,
            "delivered": delivered,
            "provider_said": report.code,
            "settled": moved,
            "early": is_early,
        },
    )
    return moved


def apply_early_receipts(dependencies: Dependencies) -> int:
    """Apply what came before its send was settled; how many messages that settled."""
    with reading() as session:
        if not has_kept_reports(session):
            return 0
    with transaction() as session:
        reports = take_matching_reports(session, limit=_BATCH)
        settled = sum(apply_report(session, report) for report in reports)
        delete_old_reports(session, before=dependencies.clock() - _KEPT_FOR)
    return settled
