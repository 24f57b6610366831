"""Past digests and their details: for the office, and for whoever holds a recipient's link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.database import reading, transaction
from models.digests import (
    Digest,
    WindowPassage,
    count_digest_letters,
    find_digest,
    find_digest_link,
    list_digests,
    list_window_passages,
)
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.digests import Window
from wxbackend.domain.errors import NotFound
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.scope import DistrictScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digest_files import enterprise_of, write_digest_file
from wxbackend.services.digests import DigestCounts, digest_text, file_name, hash_of

_SHOWN = 120  # two months of two a day


class DigestLinkEnded(NotFound):
    """The link's time is over, its recipient was removed, or it never was one."""

    code = "digest_link_ended"


@dataclass(frozen=True, slots=True)
class PastDigest:
    """`sent` counts its messages by state; empty when nobody was there to be told."""

    public_id: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    allowed: int
    denied: int
    sent: Mapping[NotificationState, int]


@dataclass(frozen=True, slots=True)
class DigestRow:
    plate_number: str
    name: str
    phone: str  # masked; the file has it clear
    enterprise: str
    decided_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DigestDetail:
    digest: PastDigest
    text: str
    page: Page[DigestRow]


def list_past_digests(dependencies: Dependencies) -> Sequence[PastDigest]:
    """Newest first."""
    del dependencies
    with reading() as session:
        rows = list_digests(session, limit=_SHOWN)
        sent = count_digest_letters(session, [row.id for row in rows])
        return [_past(row, sent[row.id]) for row in rows]


def show_digest(dependencies: Dependencies, public_id: str, request: PageRequest) -> DigestDetail:
    """Raises: NotFound."""
    with reading() as session:
        digest = find_digest(session, public_id)
        if digest is None:
            raise NotFound
        sent = count_digest_letters(session, [digest.id])[digest.id]
        rows = list_window_passages(
            session, DistrictScope(), start=digest.starts_at, end=digest.ends_at, page=request
        )
        counts = DigestCounts(digest.allowed_count, digest.denied_count)
        window = Window(digest.starts_at, digest.ends_at)
        return DigestDetail(
            _past(digest, sent),
            digest_text(dependencies.gateways.wording, window, counts),
            Page([_row(row) for row in rows], counts.allowed + counts.denied, request),
        )


def digest_of_link(dependencies: Dependencies, token: str) -> tuple[str, str]:
    """The digest's public id and the recipient's name. Raises: DigestLinkEnded."""
    with reading() as session:
        link = find_digest_link(session, hash_of(token), now=dependencies.clock())
        if link is None:
            raise DigestLinkEnded
        return link.digest.public_id, link.recipient_name


def recipient_actor(name: str, *, source: str, request_id: str) -> Actor:
    """Who holds a recipient's link, as the audit log names them."""
    return Actor(ActorKind.NOBODY, None, "task_force", name[:60], source, request_id)


def download_digest(dependencies: Dependencies, public_id: str, path: Path, *, actor: Actor) -> str:
    """Write the Excel file with clear phone numbers, audited; the name that its reader sees.

    Raises: NotFound.
    """
    with transaction() as session:
        digest = find_digest(session, public_id)
        if digest is None:
            raise NotFound
        window = Window(digest.starts_at, digest.ends_at)
        record(
            session,
            actor,
            "download_digest",
            about=("digest", digest.id),
            now=dependencies.clock(),
            details={"rows": digest.allowed_count + digest.denied_count},
        )
    write_digest_file(dependencies, window, path)
    return file_name(dependencies.gateways.wording, window)


def _past(row: Digest, sent: Mapping[NotificationState, int]) -> PastDigest:
    return PastDigest(
        row.public_id,
        row.starts_at,
        row.ends_at,
        row.made_at,
        row.allowed_count,
        row.denied_count,
        sent,
    )


def _row(passage: WindowPassage) -> DigestRow:
    return DigestRow(
        passage.plate_number,
        passage.name,
        mask_phone(passage.phone),
        enterprise_of(passage),
        passage.decided_at,
        passage.reason,
    )
