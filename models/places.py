"""Towns, checkpoints and denial reasons: the short lists an office keeps."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, new_public_id


class Town(Base):
    __tablename__ = "town"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)


class Checkpoint(Base):
    __tablename__ = "checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    # Stands in the poster's QR code; not the id, so that a poster can be withdrawn.
    poster_key: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)


class DenialReason(Base):
    __tablename__ = "denial_reason"

    id: Mapped[int] = mapped_column(primary_key=True)
    wording: Mapped[str] = mapped_column(String(50), unique=True)
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)


def list_towns(session: Session) -> list[Town]:
    return list(session.scalars(select(Town).where(Town.is_active).order_by(Town.position)))


def list_checkpoints(session: Session) -> list[Checkpoint]:
    query = select(Checkpoint).where(Checkpoint.is_active).order_by(Checkpoint.position)
    return list(session.scalars(query))


def list_denial_reasons(session: Session) -> list[DenialReason]:
    query = select(DenialReason).where(DenialReason.is_active).order_by(DenialReason.position)
    return list(session.scalars(query))


def find_town(session: Session, town_id: int) -> Town | None:
    return session.get(Town, town_id)


def find_town_by_name(session: Session, name: str) -> Town | None:
    return session.scalar(select(Town).where(Town.name == name))


def find_checkpoint(session: Session, checkpoint_id: int) -> Checkpoint | None:
    return session.get(Checkpoint, checkpoint_id)


def find_checkpoint_by_name(session: Session, name: str) -> Checkpoint | None:
    return session.scalar(select(Checkpoint).where(Checkpoint.name == name))


def find_checkpoint_by_poster(session: Session, poster_key: str) -> Checkpoint | None:
    query = select(Checkpoint).where(Checkpoint.poster_key == poster_key, Checkpoint.is_active)
    return session.scalar(query)


def find_reason(session: Session, wording: str) -> DenialReason | None:
    return session.scalar(select(DenialReason).where(DenialReason.wording == wording))
