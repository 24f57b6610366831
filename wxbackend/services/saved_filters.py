"""Searches for people: kept on the server for the one who made them, behind an opaque id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from models.database import reading, transaction
from models.saved_filters import SavedFilter, add_saved_filter, find_saved_filter
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.visitors import Member

_KEPT_FOR = timedelta(days=7)


def save_filter(
    dependencies: Dependencies, member: Member, page: str, values: Mapping[str, str]
) -> str:
    """Keep what was searched for; the id that stands in the address instead."""
    now = dependencies.clock()
    with transaction() as session:
        return add_saved_filter(
            session,
            SavedFilter(
                account_id=member.account_id,
                lead_id=member.lead_id,
                page=page,
                content=dict(values),
                expires_at=now + _KEPT_FOR,
            ),
        )


def load_filter(
    dependencies: Dependencies, member: Member, page: str, public_id: str
) -> Mapping[str, str]:
    """What the member searched for on this page; nothing for another's id or an old one."""
    with reading() as session:
        row = find_saved_filter(
            session,
            public_id,
            page=page,
            account_id=member.account_id,
            lead_id=member.lead_id,
            now=dependencies.clock(),
        )
        return dict(row.content) if row else {}
