"""Looking at one reservation: every look, number and picture is audited."""

from __future__ import annotations

from models.database import Session, transaction
from models.drafts import list_reservation_images
from models.reservations import Reservation, find_reservation
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Forbidden, NotFound
from wxbackend.domain.roles import Right, may
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.drafts import read_image_file
from wxbackend.services.reservation_record import (
    ReservationRecord,
    build_record,
    people_of,
    revealable,
)
from wxbackend.services.visitors import Member

_NUMBERS = ("id_number", "phone")


def open_detail(
    dependencies: Dependencies, member: Member, public_id: str, *, actor: Actor
) -> ReservationRecord:
    """The look is audited. Raises: NotFound."""
    with transaction() as session:
        reservation = _found(session, member.scope, public_id)
        about = ("reservation", reservation.id)
        record(session, actor, "view_reservation", about=about, now=dependencies.clock())
        return build_record(session, dependencies, member.scope, reservation)


def reveal_number(
    dependencies: Dependencies, member: Member, public_id: str, *, field: str, actor: Actor
) -> str:
    """One number in clear, audited; `field` is a person's key and `-id_number` or `-phone`.

    Raises: NotFound; Forbidden without the right to it.
    """
    if not may(member.role, Right.SEE_CLEAR_NUMBERS):
        raise Forbidden
    with transaction() as session:
        reservation = _found(session, member.scope, public_id)
        key, _, kind = field.rpartition("-")
        person = people_of(reservation).get(key)
        if person is None or kind not in _NUMBERS:
            raise NotFound
        if person.id_number not in revealable(session, member.scope, [person]):
            raise Forbidden
        record(
            session,
            actor,
            "reveal_number",
            about=("reservation", reservation.id),
            now=dependencies.clock(),
            details={"field": field},
        )
        return (person.id_number if kind == "id_number" else person.phone) or ""


def read_image(
    dependencies: Dependencies, member: Member, public_id: str, image_id: str, *, actor: Actor
) -> bytes:
    """A picture of the reservation; the look is audited. Raises: NotFound."""
    with transaction() as session:
        reservation = _found(session, member.scope, public_id)
        images = list_reservation_images(session, reservation.id)
        kinds = [kind for kind, row in images.items() if row.public_id == image_id]
        if not kinds:
            raise NotFound
        record(
            session,
            actor,
            "view_image",
            about=("reservation", reservation.id),
            now=dependencies.clock(),
            details={"kind": kinds[0].value},
        )
    return read_image_file(dependencies, image_id)


def _found(session: Session, scope: Scope, public_id: str) -> Reservation:
    reservation = find_reservation(session, scope, public_id)
    if reservation is None:
        raise NotFound
    return reservation
