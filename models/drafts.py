"""What a driver typed and has not submitted, and the pictures they chose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, exists, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedJson, UtcDateTime, enum_column, new_public_id
from wxbackend.domain.reservation import ImageKind
from wxbackend.domain.scope import DriverScope


class Draft(Base):
    """One form of one driver: `subject` is `new`, or the reservation that is being corrected."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("wechat_user_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wechat_user_id: Mapped[int] = mapped_column(ForeignKey("wechat_user.id"))
    subject: Mapped[str] = mapped_column(String(26))
    fields: Mapped[Any] = mapped_column(EncryptedJson("draft.fields"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class UploadedImage(Base):
    """A picture, re-encoded and stored; a draft names it, later a reservation holds it."""

    __tablename__ = "uploaded_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    wechat_user_id: Mapped[int] = mapped_column(ForeignKey("wechat_user.id"), index=True)
    kind: Mapped[ImageKind] = mapped_column(enum_column(ImageKind))
    width: Mapped[int]
    height: Mapped[int]
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReservationImage(Base):
    __tablename__ = "reservation_image"

    reservation_id: Mapped[int] = mapped_column(
        ForeignKey("reservation.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[ImageKind] = mapped_column(enum_column(ImageKind), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("uploaded_image.id"), index=True)


def find_draft(session: Session, scope: DriverScope, subject: str) -> Draft | None:
    query = select(Draft).where(
        Draft.wechat_user_id == scope.wechat_user_id, Draft.subject == subject
    )
    return session.scalar(query)


def delete_draft(session: Session, scope: DriverScope, subject: str) -> None:
    query = delete(Draft).where(
        Draft.wechat_user_id == scope.wechat_user_id, Draft.subject == subject
    )
    session.execute(query)


def find_own_image(session: Session, scope: DriverScope, public_id: str) -> UploadedImage | None:
    query = select(UploadedImage).where(
        UploadedImage.wechat_user_id == scope.wechat_user_id,
        UploadedImage.public_id == public_id,
    )
    return session.scalar(query)


def find_own_images(
    session: Session, scope: DriverScope, public_ids: Iterable[str]
) -> dict[str, UploadedImage]:
    query = select(UploadedImage).where(
        UploadedImage.wechat_user_id == scope.wechat_user_id,
        UploadedImage.public_id.in_(set(public_ids)),
    )
    return {row.public_id: row for row in session.scalars(query)}


def list_reservation_images(
    session: Session, reservation_id: int
) -> dict[ImageKind, UploadedImage]:
    """The pictures of a reservation that the caller already reached inside its scope."""
    query = (
        select(ReservationImage.kind, UploadedImage)
        .join(UploadedImage, ReservationImage.image_id == UploadedImage.id)
        .where(ReservationImage.reservation_id == reservation_id)
    )
    return {kind: image for kind, image in session.execute(query)}


def set_reservation_images(
    session: Session, reservation_id: int, images: dict[ImageKind, int]
) -> None:
    """Make `images` (kind → image id) the reservation's pictures."""
    session.execute(
        delete(ReservationImage).where(ReservationImage.reservation_id == reservation_id)
    )
    for kind, image_id in images.items():
        session.add(ReservationImage(reservation_id=reservation_id, kind=kind, image_id=image_id))


def touch_images(session: Session, public_ids: Iterable[str], *, now: datetime) -> None:
    query = update(UploadedImage).where(UploadedImage.public_id.in_(set(public_ids)))
    session.execute(query.values(touched_at=now))


def delete_drafts(session: Session, *, untouched_since: datetime) -> int:
    old = list(session.scalars(select(Draft.id).where(Draft.updated_at < untouched_since)))
    session.execute(delete(Draft).where(Draft.id.in_(old)))
    return len(old)


def delete_loose_images(session: Session, *, untouched_since: datetime) -> list[str]:
    """Drop the rows of pictures that no reservation holds; the files' names, to delete them too."""
    held = exists().where(ReservationImage.image_id == UploadedImage.id)
    query = select(UploadedImage).where(UploadedImage.touched_at < untouched_since, ~held)
    loose = list(session.scalars(query))
    for image in loose:
        session.delete(image)
    return [image.public_id for image in loose]
