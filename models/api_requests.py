"""Writes of the API by their Idempotency-Key: what was asked, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedJson, UtcDateTime, changed_rows


class ApiRequest(Base):
    """One write of one person under one key; without an answer it is under way, or its end is lost.

    The answer holds whatever the person was shown, so that it is kept encrypted.
    """

    __tablename__ = "api_request"
    __table_args__ = (UniqueConstraint("person", "key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(40))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answer: Mapped[list[object] | None] = mapped_column(EncryptedJson("api_request.answer"))


def find_api_request(session: Session, person: str, key_hash: bytes) -> ApiRequest | None:
    query = select(ApiRequest).where(ApiRequest.person == person, ApiRequest.key_hash == key_hash)
    return session.scalar(query)


def take_over(
    session: Session, request_id: int, *, begun_at: datetime, request_hash: bytes, now: datetime
) -> bool:
    """Begin again what somebody began at that moment; False when another one did."""
    query = (
        update(ApiRequest)
        .where(ApiRequest.id == request_id, ApiRequest.begun_at == begun_at)
        .values(begun_at=now, request_hash=request_hash, answer=None)
    )
    return changed_rows(session, query) == 1


def keep_api_answer(session: Session, request_id: int, answer: list[object]) -> None:
    query = update(ApiRequest).where(ApiRequest.id == request_id)
    session.execute(query.values(answer=answer))


def forget_api_request(session: Session, request_id: int) -> None:
    session.execute(delete(ApiRequest).where(ApiRequest.id == request_id))


def delete_api_requests(session: Session, *, begun_before: datetime) -> int:
    return changed_rows(session, delete(ApiRequest).where(ApiRequest.begun_at < begun_before))
