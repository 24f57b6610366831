"""The digest for the task force: every window exactly once, whatever happens to schedulers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from models.database import Session, reading, transaction
from models.digests import (
    Digest,
    DigestLink,
    first_reservation_at,
    list_task_force,
    lock_newest_digest_end,
    newest_digest_end,
)
from models.enterprises import AlertRecipient
from models.passages import count_passages
from wxbackend.domain.actors import system_actor
from wxbackend.domain.digests import Window, date_facts, next_window
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import DistrictScope
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.alert_views import recipient_key
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digest_files import store_digest_file
from wxbackend.services.outbox import Letter, enqueue

_ACTOR = system_actor("digests")


@dataclass(frozen=True, slots=True)
class DigestCounts:
    allowed: int
    denied: int


@dataclass(frozen=True, slots=True)
class _Due:
    """A window to tell of, as long as no digest is newer than the one that ends at `newest_end`."""

    window: Window
    newest_end: datetime | None


def make_due_digests(dependencies: Dependencies) -> int:
    """Make and enqueue the digests of every window that has ended; how many were made.

    Safe in several processes at once: the second one at a window steps back.
    """
    made = 0
    while (due := _next_due(dependencies)) is not None:
        if not _make(dependencies, due):
            break  # another process is at it, and goes on
        made += 1
    return made


def digest_text(wording: Wording, window: Window, counts: DigestCounts) -> str:
    days = "digest_from_yesterday" if window.begins_the_day_before else "digest_today"
    return wording.text(
        "message.digest",
        days=wording.text(f"message.{days}"),
        start=moment_words(wording, window.start),
        end=moment_words(wording, window.end),
        allowed=counts.allowed,
        denied=counts.denied,
    )


def moment_words(wording: Wording, moment: datetime) -> str:
    """2022年4月21日18点, or with minutes where they are not zero."""
    facts = date_facts(moment)
    key = "time.day_hour_minute" if facts["minute"] else "time.day_hour"
    return wording.text(key, **facts)


def _next_due(dependencies: Dependencies) -> _Due | None:
    policy = dependencies.policy.digests
    with reading() as session:
        newest, began = newest_digest_end(session), first_reservation_at(session)
    until = dependencies.clock() - policy.settle
    window = next_window(until, policy.times, newest_end=newest, began=began)
    return _Due(window, newest) if window else None


def _make(dependencies: Dependencies, due: _Due) -> bool:
    """False when another process was faster."""
    files, stored_as = dependencies.gateways.files, None
    if dependencies.policy.digests.send_file:
        stored_as = store_digest_file(dependencies, due.window)
    with transaction() as session:
        is_ours = lock_newest_digest_end(session) == due.newest_end
        if is_ours:
            _enqueue_digest(session, dependencies, due.window, stored_as=stored_as)
    if stored_as and not is_ours:
        files.delete(stored_as)
    return is_ours


def _enqueue_digest(
    session: Session, dependencies: Dependencies, window: Window, *, stored_as: str | None
) -> None:
    now = dependencies.clock()
    by_verdict = count_passages(session, DistrictScope(), start=window.start, end=window.end)
    counts = DigestCounts(by_verdict[Verdict.ALLOWED], by_verdict[Verdict.DENIED])
    recipients = list_task_force(session)
    digest = Digest(
        starts_at=window.start,
        ends_at=window.end,
        allowed_count=counts.allowed,
        denied_count=counts.denied,
        recipient_count=len(recipients),
        made_at=now,
    )
    session.add(digest)
    session.flush()
    for recipient in recipients:
        for letter in _letters(session, dependencies, digest, window, recipient, stored_as):
            enqueue(session, letter, now=now)
    record(
        session,
        _ACTOR,
        "make_digest",
        about=("digest", digest.id),
        now=now,
        details={"allowed": counts.allowed, "denied": counts.denied, "told": len(recipients)},
    )


def _letters(
    session: Session,
    dependencies: Dependencies,
    digest: Digest,
    window: Window,
    recipient: AlertRecipient,
    stored_as: str | None,
) -> Iterator[Letter]:
    wording, policy = dependencies.gateways.wording, dependencies.policy
    counts = DigestCounts(digest.allowed_count, digest.denied_count)
    card = {
        "title": wording.text("message.digest_title", district=policy.district.name),
        "text": digest_text(wording, window, counts),
        "url": _new_link(session, dependencies, digest, recipient),
        "button": wording.text("message.digest_button"),
    }
    contents = [(f"digest:{digest.id}", card)]
    if stored_as:
        file = {"stored_as": stored_as, "file_name": file_name(wording, window)}
        contents.append((f"digest:{digest.id}:file", file))
    for event, content in contents:
        yield Letter(
            event=event,
            recipient=recipient_key(recipient),
            channel=Channel.YUEZHENGYI,
            kind=NotificationKind.DIGEST,
            address=recipient.member_id,
            content=content,
            not_after=digest.made_at + policy.digests.link_valid_for,
            recipient_name=recipient.name,
            recipient_unit=policy.digests.task_force,
        )


def file_name(wording: Wording, window: Window) -> str:
    return wording.text(
        "message.digest_file",
        start=moment_words(wording, window.start),
        end=moment_words(wording, window.end),
    )


def _new_link(
    session: Session, dependencies: Dependencies, digest: Digest, recipient: AlertRecipient
) -> str:
    token = secrets.token_hex(16)
    session.add(
        DigestLink(
            token_hash=hash_of(token),
            digest_id=digest.id,
            recipient_id=recipient.id,
            recipient_name=recipient.name,
            expires_at=digest.made_at + dependencies.policy.digests.link_valid_for,
        )
    )
    return f"{dependencies.public_base_url}/digest/{token}"


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
