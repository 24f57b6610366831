"""Files that were uploaded: checked in the background, and taken at their owner's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import (
    Base,
    EncryptedJson,
    UtcDateTime,
    changed_rows,
    enum_column,
    new_public_id,
)


class UploadState(StrEnum):
    WAITING = "waiting"  # stored, to be checked
    CHECKING = "checking"
    CHECKED = "checked"  # waits for its owner's word
    REFUSED = "refused"
    ACCEPTED = "accepted"  # its owner said yes; to be taken
    TAKING = "taking"
    TAKEN = "taken"
    LEFT = "left"  # given up by its owner, replaced by a newer file, or grown too old


# A process that works on an upload and does not finish before `busy_until` is taken for dead.
AT_WORK = {UploadState.WAITING: UploadState.CHECKING, UploadState.ACCEPTED: UploadState.TAKING}
UNDECIDED = (UploadState.WAITING, UploadState.CHECKING, UploadState.CHECKED)


class ImportUpload(Base):
    __tablename__ = "import_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    # The one enterprise that all rows of an employee file go to, where a lead uploaded it.
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_bytes: Mapped[int]
    state: Mapped[UploadState] = mapped_column(enum_column(UploadState))
    # Names in the file store; None once deleted. The file itself goes when it was checked: what
    # stays are its good rows, ready to be written, and the workbook of its wrong ones.
    stored_as: Mapped[str | None] = mapped_column(String(60))
    rows_stored_as: Mapped[str | None] = mapped_column(String(60))
    wrong_rows_stored_as: Mapped[str | None] = mapped_column(String(60))
    # Counts, the first rows of each outcome, flagged changes; why it was refused: for the preview.
    report: Mapped[Any] = mapped_column(EncryptedJson("import_upload.report"), nullable=True)
    # Who said yes, for the audit log of a file that is taken in the background.
    actor: Mapped[Any] = mapped_column(EncryptedJson("import_upload.actor"), nullable=True)
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id"))
    tries: Mapped[int] = mapped_column(default=0)
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def add_upload(session: Session, row: ImportUpload) -> ImportUpload:
    session.add(row)
    session.flush()
    return row


def find_upload(
    session: Session, public_id: str, *, account_id: int | None, lead_id: int | None
) -> ImportUpload | None:
    """An upload of its owner's: the lead, whichever way they signed in, or the account."""
    return session.scalar(
        select(ImportUpload).where(
            ImportUpload.public_id == public_id, _is_owner(account_id=account_id, lead_id=lead_id)
        )
    )


def get_upload(session: Session, upload_id: int) -> ImportUpload:
    """For whoever claimed it. Raises: LookupError."""
    row = session.get(ImportUpload, upload_id)
    if row is None:
        raise LookupError(upload_id)
    return row


def list_open_uploads(
    session: Session, *, account_id: int | None, lead_id: int | None, now: datetime
) -> Sequence[ImportUpload]:
    """What its owner still has to decide, newest first."""
    query = select(ImportUpload).where(
        _is_owner(account_id=account_id, lead_id=lead_id),
        ImportUpload.state.in_((*UNDECIDED, *AT_WORK, *AT_WORK.values())),
        ImportUpload.expires_at > now,
    )
    return session.scalars(query.order_by(ImportUpload.id.desc()).limit(20)).all()


def list_replaced_uploads(session: Session, new: ImportUpload) -> Sequence[ImportUpload]:
    """The owner's earlier uploads of the same kind and enterprise that are not decided yet."""
    query = select(ImportUpload).where(
        _is_owner(account_id=new.account_id, lead_id=new.lead_id),
        ImportUpload.kind == new.kind,
        ImportUpload.enterprise_id.is_not_distinct_from(new.enterprise_id),
        ImportUpload.state.in_(UNDECIDED),
        ImportUpload.id != new.id,
    )
    return session.scalars(query).all()


def list_uploads_with_work(session: Session, *, now: datetime, limit: int) -> Sequence[int]:
    """Ids of uploads to be checked or taken, the oldest first, dead workers' ones included."""
    query = select(ImportUpload.id).where(_has_work(now), ImportUpload.expires_at > now)
    return session.scalars(query.order_by(ImportUpload.id).limit(limit)).all()


def claim_upload(
    session: Session, upload_id: int, *, now: datetime, busy_until: datetime
) -> UploadState | None:
    """Begin the work that is to be done on it, unless somebody else did; what work that is."""
    for before, at_work in AT_WORK.items():
        statement = (
            update(ImportUpload)
            .where(ImportUpload.id == upload_id, _is_ready(before, at_work, now))
            .values(state=at_work, busy_until=busy_until, tries=ImportUpload.tries + 1)
        )
        if changed_rows(session, statement):
            return at_work
    return None


def move_upload(
    session: Session, upload_id: int, state: UploadState, *, before: UploadState, **values: Any
) -> bool:
    """Change the state with whatever belongs to it; False when it had moved on."""
    statement = (
        update(ImportUpload)
        .where(ImportUpload.id == upload_id, ImportUpload.state == before)
        .values(state=state, **values)
    )
    return changed_rows(session, statement) == 1


def list_expired_uploads(session: Session, *, now: datetime, limit: int) -> Sequence[ImportUpload]:
    """Uploads past their time whose files are still there, unless somebody works on them."""
    files = (
        ImportUpload.stored_as,
        ImportUpload.rows_stored_as,
        ImportUpload.wrong_rows_stored_as,
    )
    query = select(ImportUpload).where(
        ImportUpload.expires_at <= now,
        or_(
            *(name.is_not(None) for name in files),
            ImportUpload.state.in_((*UNDECIDED, *AT_WORK, *AT_WORK.values())),
        ),
        or_(
            ImportUpload.state.not_in(tuple(AT_WORK.values())),
            ImportUpload.busy_until <= now,
        ),
    )
    return session.scalars(query.order_by(ImportUpload.id).limit(limit)).all()


def _is_owner(*, account_id: int | None, lead_id: int | None) -> ColumnElement[bool]:
    if lead_id is not None:
        return ImportUpload.lead_id == lead_id
    return and_(ImportUpload.account_id == account_id, ImportUpload.lead_id.is_(None))


def _has_work(now: datetime) -> ColumnElement[bool]:
    return or_(*(_is_ready(before, at_work, now) for before, at_work in AT_WORK.items()))


def _is_ready(before: UploadState, at_work: UploadState, now: datetime) -> ColumnElement[bool]:
    return or_(
        ImportUpload.state == before,
        and_(ImportUpload.state == at_work, ImportUpload.busy_until <= now),
    )
