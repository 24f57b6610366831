"""The history of imports: what came in, from which file, by whom, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, EncryptedJson, UtcDateTime, enum_column, new_public_id


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


def add_import_run(session: Session, run: ImportRun) -> int:
    """Keep the run; its id."""
    session.add(run)
    session.flush()
    return run.id


class UploadState(StrEnum):
    CHECKED = "checked"
    REFUSED = "refused"
    TAKEN = "taken"
    LEFT = "left"  # given up by its owner, or grown too old


class ImportUpload(Base):
    """A file that was uploaded and checked, and waits for its owner's word."""

    __tablename__ = "import_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[UploadState] = mapped_column(enum_column(UploadState))
    # The uploaded file and its wrong rows in the file store; None once they are deleted.
    stored_as: Mapped[str | None] = mapped_column(String(60))
    wrong_rows_stored_as: Mapped[str | None] = mapped_column(String(60))
    # Counts, the first wrong rows, flagged changes: what the preview shows.
    report: Mapped[Any] = mapped_column(EncryptedJson("import_upload.report"), nullable=True)
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
