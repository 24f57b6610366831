"""The history of imports: what came in, from which file, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.accounts import Account
from models.base import Base, UtcDateTime, enum_column
from models.enterprises import Enterprise, Lead
from models.listing import begins_with, count_up_to, ordered
from models.scope import visible
from wxbackend.domain.listing import Page, PageRequest
from wxbackend.domain.scope import Scope


class ImportOrigin(StrEnum):
    COMMAND = "command"
    UPLOAD = "upload"
    WATCHED_FOLDER = "watched_folder"


class ImportRun(Base):
    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    origin: Mapped[ImportOrigin] = mapped_column(
        enum_column(ImportOrigin), default=ImportOrigin.COMMAND
    )
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    # The one enterprise of an employee file, where it was for one.
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    new_rows: Mapped[int]
    changed_rows: Mapped[int]
    unchanged_rows: Mapped[int]
    wrong_rows: Mapped[int]
    # Why a file of the watched folder was refused: an error's code and facts. None when taken.
    refusal: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)

    account: Mapped[Account | None] = relationship()
    lead: Mapped[Lead | None] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship()


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are asked for; `who` is the beginning of a name."""

    kind: str = ""
    origin: str = ""
    who: str = ""
    start: datetime | None = None
    end: datetime | None = None


def add_import_run(session: Session, run: ImportRun) -> int:
    """Keep the run; its id."""
    session.add(run)
    session.flush()
    return run.id


def page_of_runs(
    session: Session, scope: Scope, asked: RunFilter, request: PageRequest
) -> Page[ImportRun]:
    query = select(ImportRun).where(visible(scope, ImportRun), *_conditions(asked))
    rows = ordered(query, request, columns={}, key=ImportRun.id).options(*_WITH_NAMES)
    return Page(session.scalars(rows).all(), count_up_to(session, query), request)


def list_last_runs(session: Session, scope: Scope) -> dict[str, ImportRun]:
    """The newest run of every kind that was taken."""
    newest = (
        select(func.max(ImportRun.id))
        .where(visible(scope, ImportRun), ImportRun.refusal.is_(None))
        .group_by(ImportRun.kind)
    )
    query = select(ImportRun).where(ImportRun.id.in_(newest)).options(*_WITH_NAMES)
    return {row.kind: row for row in session.scalars(query)}


def list_runs_of_origin(
    session: Session, scope: Scope, origin: ImportOrigin, *, limit: int
) -> Sequence[ImportRun]:
    query = select(ImportRun).where(visible(scope, ImportRun), ImportRun.origin == origin)
    return session.scalars(
        query.order_by(ImportRun.id.desc()).limit(limit).options(*_WITH_NAMES)
    ).all()


def find_run(session: Session, scope: Scope, run_id: int) -> ImportRun | None:
    query = select(ImportRun).where(ImportRun.id == run_id, visible(scope, ImportRun))
    return session.scalar(query.options(*_WITH_NAMES))


_WITH_NAMES = (
    joinedload(ImportRun.account),
    joinedload(ImportRun.lead),
    joinedload(ImportRun.enterprise),
)


def _conditions(asked: RunFilter) -> Iterator[ColumnElement[bool]]:
    if asked.kind:
        yield ImportRun.kind == asked.kind
    if asked.origin:
        yield ImportRun.origin == asked.origin
    if asked.start is not None:
        yield ImportRun.finished_at >= asked.start
    if asked.end is not None:
        yield ImportRun.finished_at < asked.end
    if asked.who:
        yield or_(
            ImportRun.account.has(
                or_(
                    begins_with(Account.display_name, asked.who),
                    begins_with(Account.name, asked.who),
                )
            ),
            ImportRun.lead.has(begins_with(Lead.name, asked.who)),
        )
