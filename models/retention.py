"""What is erased when its time is over; rows that are counted stay, without their people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.audit import AuditEntry, AuditPersonalPart
from models.base import changed_rows
from models.drafts import ReservationImage, UploadedImage
from models.identity_checks import IdentityCheck
from models.notifications import Notification
from models.passages import Passage, Scan
from models.prepared_reservations import PreparedReservation
from models.reservations import Passenger, Reservation
from wxbackend.domain.reservation import OPEN_STATES

_TEXTS = (
    "name",
    "id_number",
    "phone",
    "plate_number",
    "trailer_plate",
    "enterprise_name",
    "origin",
    "via",
    "destination_address",
    "cargo",
)
_HASHES = ("id_number_hash", "id_number_tail_hash", "phone_hash", "phone_tail_hash")


def find_overdue_reservations(
    session: Session, *, changed_before: datetime, limit: int
) -> Sequence[int]:
    """Ids of closed reservations that nothing has happened to since then."""
    query = (
        select(Reservation.id)
        .where(
            Reservation.state_changed_at < changed_before,
            Reservation.state.not_in(OPEN_STATES),
            Reservation.erased_at.is_(None),
        )
        .order_by(Reservation.state_changed_at)
        .limit(limit)
    )
    return session.scalars(query).all()


def erase_reservations(session: Session, ids: Sequence[int], *, now: datetime) -> Sequence[str]:
    """Take every personal word out of these reservations and of what hangs on them.

    Returns the names of the picture files that nobody holds any more.
    """
    session.execute(delete(Passenger).where(Passenger.reservation_id.in_(ids)))
    session.execute(delete(IdentityCheck).where(IdentityCheck.reservation_id.in_(ids)))
    session.execute(update(Scan).where(Scan.reservation_id.in_(ids)).values(findings=None))
    session.execute(
        update(PreparedReservation)
        .where(PreparedReservation.reservation_id.in_(ids))
        .values(form=None)
    )
    _erase_letters(session, ids)
    values = dict.fromkeys((*_TEXTS, *_HASHES), "")
    session.execute(
        update(Reservation).where(Reservation.id.in_(ids)).values(**values, erased_at=now)
    )
    return _drop_images(session, ids)


def _erase_letters(session: Session, reservation_ids: Sequence[int]) -> None:
    passages = select(Passage.id).where(Passage.reservation_id.in_(reservation_ids))
    events = [f"reservation:{reservation_id}" for reservation_id in reservation_ids]
    session.execute(
        update(Notification)
        .where(Notification.passage_id.in_(passages) | Notification.event.in_(events))
        .values(address="", address_hash="", recipient_name="", content={})
    )


def _drop_images(session: Session, reservation_ids: Sequence[int]) -> Sequence[str]:
    held = ReservationImage.reservation_id.in_(reservation_ids)
    image_ids = session.scalars(select(ReservationImage.image_id).where(held)).all()
    session.execute(delete(ReservationImage).where(held))
    still_held = select(ReservationImage.image_id)
    loose = session.scalars(
        select(UploadedImage).where(
            UploadedImage.id.in_(image_ids), UploadedImage.id.not_in(still_held)
        )
    ).all()
    for image in loose:
        session.delete(image)
    session.flush()
    return [image.public_id for image in loose]


def erase_audit_fragments(session: Session, *, before: datetime, limit: int) -> int:
    """Drop the personal parts of old audit entries; the entries stay."""
    old = (
        select(AuditPersonalPart.entry_id)
        .join(AuditEntry, AuditEntry.id == AuditPersonalPart.entry_id)
        .where(AuditEntry.at < before)
        .limit(limit)
    )
    ids = list(session.scalars(old))
    return changed_rows(
        session, delete(AuditPersonalPart).where(AuditPersonalPart.entry_id.in_(ids))
    )
