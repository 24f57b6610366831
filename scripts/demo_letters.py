"""What was told of the demo's history: notifications that have all settled, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.bulk import add_rows
from models.database import Session
from models.notifications import Notification
from scripts.demo_gate import Made, roster_of
from scripts.demo_ground import Ground
from scripts.demo_plan import BEFORE_THE_GATE, Journey
from wxbackend.domain.moments import format_second
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState

_N, _K = NotificationState, NotificationKind
_PROVIDERS = {Channel.SMS: "mas", Channel.YUEZHENGYI: "yuezhengyi", Channel.WECHAT: "wechat"}
# What went wrong: the last letters but so many, by channel.
_MISHAPS = {
    Channel.SMS: {8: _N.FAILED, 31: _N.UNKNOWN, 52: _N.FAILED, 77: _N.EXPIRED},
    Channel.YUEZHENGYI: {15: _N.FAILED, 120: _N.EXPIRED},
    Channel.WECHAT: {40: _N.FAILED},
}
_TRIES = {_N.FAILED: 6, _N.UNKNOWN: 1, _N.EXPIRED: 4}
_SAID = {_N.FAILED: "http_503", _N.UNKNOWN: "timeout", _N.EXPIRED: "unreachable"}


def reservation_letters(session: Session, ground: Ground, random: Random, made: Made) -> None:
    """The drivers were told that their pass codes are there."""
    word = ground.dependencies.gateways.wording.text
    rows = [
        {"reservation_id": reservation_id}
        | _row(
            ground,
            random,
            journey.created_at,
            channel=Channel.WECHAT,
            kind=_K.RESERVATION_MADE,
            event=f"reservation:{reservation_id}",
            recipient=f"driver:{reservation_id}",
            address=_openid(reservation_id),
            names=(journey.trucker.name, word("role.driver")),
            content={
                "facts": {
                    "plate": journey.trucker.plate_number,
                    "checkpoint": journey.checkpoint,
                    "time": format_second(journey.arrival_at)[:16],
                    "state": word("reservation_state.reserved"),
                },
                "url": ground.dependencies.public_base_url,
            },
        )
        for journey, reservation_id in made
        if journey.state not in BEFORE_THE_GATE
    ]
    _let_some_fail(rows, now=ground.now)
    add_rows(session, Notification, rows)


def passage_letters(session: Session, ground: Ground, random: Random, told: Made) -> None:
    """Leads, towns and the bureau were told of every passage."""
    rows = [
        row
        for journey, passage_id in told
        for row in (
            *_to_leads(ground, random, journey, passage_id),
            *_to_members(ground, random, journey, passage_id),
        )
    ]
    _let_some_fail(rows, now=ground.now)
    add_rows(session, Notification, rows)


def _to_leads(
    ground: Ground, random: Random, journey: Journey, passage_id: int
) -> Iterator[dict[str, Any]]:
    names = {match.enterprise_id: match.enterprise_name for match in roster_of(ground, journey)}
    for enterprise_id, lead in ground.leads:
        if enterprise_id not in names:
            continue
        kind, text = _text(ground, journey, names[enterprise_id])
        yield _row(
            ground,
            random,
            _decided_at(journey),
            channel=Channel.SMS,
            kind=kind,
            event=f"passage:{passage_id}:enterprise:{enterprise_id}",
            recipient=f"lead:{lead.id}",
            address=lead.phone,
            names=(lead.name, names[enterprise_id]),
            content={"text": text},
            passage_id=passage_id,
        )


def _to_members(
    ground: Ground, random: Random, journey: Journey, passage_id: int
) -> Iterator[dict[str, Any]]:
    roster = roster_of(ground, journey)
    towns = {match.town_id for match in roster} or {ground.town_ids[journey.town]}
    kind, text = _text(ground, journey, "、".join(match.enterprise_name for match in roster))
    keys = ground.dependencies.gateways.keys
    for recipient in ground.recipients:
        if recipient.town_id is not None and recipient.town_id not in towns:
            continue
        member = keys.keyed_hash(recipient.member_id.lower(), purpose="notification.member").hex()
        unit = recipient.town.name if recipient.town else ground.dependencies.policy.district.office
        yield _row(
            ground,
            random,
            _decided_at(journey),
            channel=Channel.YUEZHENGYI,
            kind=kind,
            event=f"passage:{passage_id}",
            recipient=f"member:{member}",
            address=recipient.member_id,
            names=(recipient.name, unit),
            content={"text": text},
            passage_id=passage_id,
        )


def _text(ground: Ground, journey: Journey, enterprise: str) -> tuple[NotificationKind, str]:
    reason = journey.decided.reason if journey.decided else ""
    verdict, roster = "denied" if reason else "allowed", "roster" if enterprise else "other"
    kind = NotificationKind(f"passage_{verdict}_{roster}")
    district = ground.dependencies.policy.district
    return kind, ground.dependencies.gateways.wording.text(
        f"message.{kind.value}",
        enterprise=enterprise,
        name=journey.trucker.name,
        time=format_second(_decided_at(journey)),
        district=district.name,
        short=district.short_name,
        reason=reason,
    )


def _row(
    ground: Ground,
    random: Random,
    at: datetime,
    *,
    channel: Channel,
    kind: NotificationKind,
    event: str,
    recipient: str,
    address: str,
    names: tuple[str, str],
    content: dict[str, Any],
    passage_id: int | None = None,
) -> dict[str, Any]:
    sent_at = at + timedelta(seconds=random.randint(1, 6))
    return {
        "event": event,
        "recipient": recipient,
        "channel": channel,
        "recipient_name": names[0],
        "recipient_unit": names[1],
        "passage_id": passage_id,
        "kind": kind,
        "address": address,
        "address_hash": address,
        "content": content,
        "state": _N.DELIVERED if channel is Channel.SMS else _N.SENT,
        "attempts": 1,
        "next_try_at": at,
        "not_after": at + ground.dependencies.policy.notifications.alert_valid_for,
        "provider": _PROVIDERS[channel],
        "provider_reference": f"demo{random.getrandbits(48):012x}",
        "last_answer": "success",
        "created_at": at,
        "sent_at": sent_at,
        "settled_at": sent_at,
    }


def _let_some_fail(rows: list[dict[str, Any]], *, now: datetime) -> None:
    for channel, mishaps in _MISHAPS.items():
        of_channel = [row for row in rows if row["channel"] is channel]
        for from_the_end, state in mishaps.items():
            for row in of_channel[-from_the_end : len(of_channel) - from_the_end + 1]:
                attempts = _TRIES[state]
                settled_at = min(now, row["created_at"] + timedelta(minutes=11 * attempts))
                row |= {"state": state, "attempts": attempts, "last_answer": _SAID[state]}
                row |= {"sent_at": None, "settled_at": settled_at}


def _decided_at(journey: Journey) -> datetime:
    if journey.decided is None:
        raise LookupError("nothing was decided")
    return journey.decided.at


def _openid(number: int) -> str:
    return f"oPast{number:023}"
