"""The digests of the demo's two weeks: told as their windows ended, not all at the start."""

from __future__ import annotations

from models.database import Session, transaction
from models.digests import Digest, DigestLink
from models.notifications import Notification
from wxbackend.domain.notifications import NotificationKind, NotificationState
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.digests import make_due_digests


def add_past_digests(dependencies: Dependencies) -> None:
    """Make every window's digest that is due, and let it look as if it had been sent in time."""
    make_due_digests(dependencies)
    with transaction() as session:
        for digest in session.query(Digest):
            digest.made_at = digest.ends_at + dependencies.policy.digests.settle
            _settle(session, digest)
        session.query(DigestLink).delete()  # nobody was sent these links


def _settle(session: Session, digest: Digest) -> None:
    letters = session.query(Notification).filter(
        Notification.kind == NotificationKind.DIGEST, Notification.event == f"digest:{digest.id}"
    )
    letters.update(
        {
            "state": NotificationState.SENT,
            "attempts": 1,
            "provider": "yuezhengyi",
            "created_at": digest.made_at,
            "sent_at": digest.made_at,
            "settled_at": digest.made_at,
        }
    )
