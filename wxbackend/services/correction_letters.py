"""Telling of a correction: those who were told of the passage, by the same channels."""

from __future__ import annotations

from collections.abc import Sequence

from models.corrections import Correction
from models.database import Session
from models.notifications import Notification, list_of_passage
from models.passages import Passage
from wxbackend.domain.moments import format_second
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.reservation import Verdict
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue

_TOLD_BY = (Channel.SMS, Channel.YUEZHENGYI)
_SENTENCE_ENDS = "。．.；;，, "


def enqueue_correction_letters(
    session: Session, dependencies: Dependencies, passage: Passage, correction: Correction
) -> None:
    """One letter for everyone who got (or waits for) one about the passage.

    A lead of several matched enterprises got one for each, but the correction is told once.
    """
    facts = _facts(dependencies, passage, correction)
    text = dependencies.gateways.wording.text("message.passage_corrected", **facts)
    content = {"text": text, "facts": facts}
    now = correction.created_at
    for told in _recipients(list_of_passage(session, passage.id)):
        letter = Letter(
            event=f"correction:{correction.id}",
            recipient=told.recipient,
            channel=told.channel,
            kind=NotificationKind.PASSAGE_CORRECTED,
            address=told.address,
            content=content,
            not_after=now + dependencies.policy.notifications.alert_valid_for,
            recipient_name=told.recipient_name,
            recipient_unit=told.recipient_unit,
            passage_id=passage.id,
        )
        enqueue(session, letter, now=now)


def _recipients(told: Sequence[Notification]) -> list[Notification]:
    found: dict[tuple[str, Channel], Notification] = {}
    for row in told:
        if row.channel in _TOLD_BY and row.address:
            found.setdefault((row.recipient, row.channel), row)
    return list(found.values())


def _facts(dependencies: Dependencies, passage: Passage, correction: Correction) -> dict[str, str]:
    wording = dependencies.gateways.wording
    verdict = wording.text(f"verdict.{correction.verdict.value}")
    if correction.verdict is Verdict.DENIED:
        verdict = wording.text(
            "correction.verdict_with_reason", verdict=verdict, reason=correction.denial_reason
        )
    return {
        "name": passage.reservation.name,
        "time": format_second(passage.decided_at),
        "checkpoint": passage.checkpoint.name,
        "verdict": verdict,
        "explanation": correction.explanation.rstrip(_SENTENCE_ENDS),
    }
