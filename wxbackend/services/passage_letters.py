"""Whom to tell of a reservation or a passage, and in which words. Source: product.md section 6."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from models.accounts import WechatUser, find_wechat_user
from models.database import Session
from models.enterprises import list_leads_to_tell, list_recipients_to_tell
from models.passages import Passage
from models.reservations import Reservation
from wxbackend.domain.gate import RosterMatch
from wxbackend.domain.moments import format_second
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.domain.reservation import Verdict
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import Letter, enqueue

_KINDS = {
    (Verdict.ALLOWED, True): NotificationKind.PASSAGE_ALLOWED_ROSTER,
    (Verdict.DENIED, True): NotificationKind.PASSAGE_DENIED_ROSTER,
    (Verdict.ALLOWED, False): NotificationKind.PASSAGE_ALLOWED_OTHER,
    (Verdict.DENIED, False): NotificationKind.PASSAGE_DENIED_OTHER,
}


def enqueue_passage_letters(
    session: Session,
    dependencies: Dependencies,
    passage: Passage,
    reservation: Reservation,
    roster: tuple[RosterMatch, ...],
) -> None:
    """Everybody who must know of this passage, in the transaction that records it."""
    now = passage.decided_at
    letters = [
        *_lead_letters(session, dependencies, passage, reservation, roster),
        *_member_letters(session, dependencies, passage, reservation, roster),
        *_driver_letter(
            session,
            dependencies,
            reservation,
            event=f"passage:{passage.id}",
            passage_id=passage.id,
            kind=NotificationKind.PASSAGE_DECIDED,
            facts=_passage_facts(dependencies, passage, reservation),
            now=now,
        ),
    ]
    for letter in letters:
        enqueue(session, letter, now=now)


def enqueue_reservation_letter(
    session: Session, dependencies: Dependencies, reservation: Reservation, *, now: datetime
) -> None:
    """Tell the driver that the pass code is there."""
    wording = dependencies.gateways.wording
    facts = {
        "plate": reservation.plate_number,
        "checkpoint": reservation.checkpoint.name,
        "time": format_second(reservation.arrival_at)[:16],
        "state": wording.text("reservation_state.reserved"),
    }
    letters = _driver_letter(
        session,
        dependencies,
        reservation,
        event=f"reservation:{reservation.id}",
        kind=NotificationKind.RESERVATION_MADE,
        facts=facts,
        now=now,
    )
    for letter in letters:
        enqueue(session, letter, now=now)


def _text(
    dependencies: Dependencies, passage: Passage, reservation: Reservation, enterprise: str
) -> tuple[NotificationKind, str, dict[str, str]]:
    """The kind, the text, and the facts in it."""
    district = dependencies.policy.district
    kind = _KINDS[passage.verdict, bool(enterprise)]
    facts = {
        "enterprise": enterprise,
        "name": reservation.name,
        "time": format_second(passage.decided_at),
        "district": district.name,
        "reason": passage.reason,
    }
    wording = dependencies.gateways.wording
    return kind, wording.text(f"message.{kind.value}", short=district.short_name, **facts), facts


def _lead_letters(
    session: Session,
    dependencies: Dependencies,
    passage: Passage,
    reservation: Reservation,
    roster: tuple[RosterMatch, ...],
) -> Iterator[Letter]:
    """One SMS per enterprise to each of its leads."""
    names = {match.enterprise_id: match.enterprise_name for match in roster}
    for enterprise_id, lead in list_leads_to_tell(session, names):
        kind, text, facts = _text(dependencies, passage, reservation, names[enterprise_id])
        yield Letter(
            event=f"passage:{passage.id}:enterprise:{enterprise_id}",
            recipient=f"lead:{lead.id}",
            channel=Channel.SMS,
            kind=kind,
            address=lead.phone,
            content={"text": text, "facts": facts},
            not_after=passage.decided_at + dependencies.policy.notifications.alert_valid_for,
            recipient_name=lead.name,
            recipient_unit=names[enterprise_id],
            passage_id=passage.id,
        )


def _member_letters(
    session: Session,
    dependencies: Dependencies,
    passage: Passage,
    reservation: Reservation,
    roster: tuple[RosterMatch, ...],
) -> Iterator[Letter]:
    """One 粤政易 message a member, with all matched enterprises named in it."""
    towns = {match.town_id for match in roster} or {reservation.destination_town_id}
    enterprise = "、".join(match.enterprise_name for match in roster)
    kind, text, _ = _text(dependencies, passage, reservation, enterprise)
    keys = dependencies.gateways.keys
    told = set()
    for recipient in list_recipients_to_tell(session, towns):
        # The same person may stand in several lists; WeCom compares ids without regard to case.
        member = keys.keyed_hash(recipient.member_id.lower(), purpose="notification.member").hex()
        if member in told:
            continue
        told.add(member)
        yield Letter(
            event=f"passage:{passage.id}",
            recipient=f"member:{member}",
            channel=Channel.YUEZHENGYI,
            kind=kind,
            address=recipient.member_id,
            content={"text": text},
            not_after=passage.decided_at + dependencies.policy.notifications.alert_valid_for,
            recipient_name=recipient.name,
            recipient_unit=recipient.town.name
            if recipient.town
            else dependencies.policy.district.office,
            passage_id=passage.id,
        )


def _driver_letter(
    session: Session,
    dependencies: Dependencies,
    reservation: Reservation,
    *,
    event: str,
    kind: NotificationKind,
    facts: dict[str, str],
    now: datetime,
    passage_id: int | None = None,
) -> Iterator[Letter]:
    user = find_wechat_user(session, reservation.wechat_user_id)
    if user is None:
        return
    yield Letter(
        event=event,
        recipient=f"driver:{user.id}",
        channel=Channel.WECHAT,
        kind=kind,
        address=user.openid,
        content={"facts": facts, **_opened_at(dependencies, user, reservation)},
        not_after=now + dependencies.policy.notifications.alert_valid_for,
        recipient_name=reservation.name,
        recipient_unit=dependencies.gateways.wording.text("role.driver"),
        passage_id=passage_id,
        reservation_id=reservation.id,
    )


def _opened_at(
    dependencies: Dependencies, user: WechatUser, reservation: Reservation
) -> dict[str, str]:
    """Where the message leads: in the app in which the driver is known by this openid."""
    program = dependencies.gateways.mini_program
    if program.app_id and user.app_id == program.app_id:
        return {"program_page": program.page_of(reservation.public_id)}
    return {"url": f"{dependencies.public_base_url}/d/reservations/{reservation.public_id}"}


def _passage_facts(
    dependencies: Dependencies, passage: Passage, reservation: Reservation
) -> dict[str, str]:
    wording = dependencies.gateways.wording
    return {
        "plate": reservation.plate_number,
        "checkpoint": passage.checkpoint.name,
        "time": format_second(passage.decided_at),
        "verdict": wording.text(f"verdict_short.{passage.verdict.value}"),
        "remark": passage.reason or wording.text("message.passage_decided_remark"),
    }
