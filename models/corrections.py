"""Corrections: what the bureau says about a passage afterwards; the passage itself stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.accounts import Account
from models.base import Base, UtcDateTime, enum_column, new_public_id
from models.passages import Passage
from models.scope import visible
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.scope import Scope


class Correction(Base):
    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("(verdict = 'denied') = (denial_reason <> '')", name="denial_reason"),
        CheckConstraint("explanation <> ''", name="explanation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), index=True)
    request_id: Mapped[str] = mapped_column(String(40), unique=True)  # a second tap meets this
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))  # what it should have been
    denial_reason: Mapped[str] = mapped_column(String(50), default="")
    explanation: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


def find_correction_by_request(session: Session, request_id: str) -> Correction | None:
    return session.scalar(_with_author().where(Correction.request_id == request_id))


def find_corrections(
    session: Session, scope: Scope, passage_ids: Iterable[int]
) -> dict[int, list[Correction]]:
    """Corrections by passage id, oldest first; passages outside the scope have none."""
    query = (
        _with_author()
        .join(Passage, Passage.id == Correction.passage_id)
        .where(Correction.passage_id.in_(set(passage_ids)), visible(scope, Passage))
        .order_by(Correction.id)
    )
    found: dict[int, list[Correction]] = {}
    for row in session.scalars(query):
        found.setdefault(row.passage_id, []).append(row)
    return found


def _with_author() -> Select[Correction]:
    return select(Correction).options(joinedload(Correction.account))
