"""已发通知: what was sent about one passage, as far as the one who looks may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.database import Session
from models.notifications import Notification, list_of_passage
from models.passages import Passage
from models.places import find_town
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.notifications import Channel, NotificationKind, NotificationState
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, Scope, TownScope


@dataclass(frozen=True, slots=True)
class SentLetter:
    """`text` is empty where the letter before said the same."""

    channel: Channel
    unit: str
    name: str
    phone_masked: str
    state: NotificationState
    is_correction: bool
    text: str
    attempts: int
    at: datetime


def letters_about(session: Session, scope: Scope, passage: Passage) -> tuple[SentLetter, ...]:
    """The bureau sees all; a town what went to it and its enterprises; a lead what went to theirs.

    The driver's own message is for everybody who sees the passage.
    """
    units = _units(session, scope, passage)
    rows = list_of_passage(session, passage.id)
    shown = [row for row in rows if units is None or _is_for(row, units)]
    letters, said = [], ""
    for row in shown:
        text = row.content.get("text", "")
        letters.append(_letter(row, "" if text == said else text))
        said = text
    return tuple(letters)


def _units(session: Session, scope: Scope, passage: Passage) -> set[str] | None:
    """The enterprises and the town whose letters may be seen; None for all."""
    match scope:
        case DistrictScope():
            return None
        case TownScope(town_id):
            town = find_town(session, town_id)
            names = {row.enterprise_name for row in passage.enterprises if row.town_id == town_id}
            return names | ({town.name} if town else set())
        case EnterpriseScope(enterprise_ids):
            rows = passage.enterprises
            return {row.enterprise_name for row in rows if row.enterprise_id in enterprise_ids}
        case _:
            return set()


def _is_for(row: Notification, units: set[str]) -> bool:
    return row.channel is Channel.WECHAT or row.recipient_unit in units


def _letter(row: Notification, text: str) -> SentLetter:
    return SentLetter(
        channel=row.channel,
        unit=row.recipient_unit,
        name=row.recipient_name,
        phone_masked=mask_phone(row.address) if row.channel is Channel.SMS else "",
        state=row.state,
        is_correction=row.kind is NotificationKind.PASSAGE_CORRECTED,
        text=text,
        attempts=row.attempts,
        at=row.created_at,
    )
