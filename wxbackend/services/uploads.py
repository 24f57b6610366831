"""Import files by upload: stored, checked, shown to their owner, and taken at the owner's word.

How a page calls it, on the PC as on the phone (`member` is the visitor in the role that imports):

1. `kinds_for(member)`: what this member may import; `enterprises_for(member)` for a lead's choice.
2. `template(dependencies, member, kind)`: the empty workbook to fill in.
3. `receive(dependencies, member, NewUpload(…), actor=…)` stores the file and answers its public
   id. A small file is checked before it returns (a second or two), a large one by the job
   `work_on_uploads`. Raises InvalidValue for what needs no opening: no file, too large, a wrong
   enterprise. Redirect to the upload's own page.
4. `upload_views.show_upload(dependencies, member, public_id)`: what that page shows, by `state`.
   While `is_busy`, let the page refresh itself (a Refresh header, no script needed).
5. `confirm(…)` takes the right rows (all of them, or, with wrong rows, those that are right);
   `leave(…)` takes nothing and erases the file. A second tap on either has no further effect.
6. `wrong_rows(…)`: the workbook of the wrong rows, to correct and upload again.

Every function with a public id raises NotFound for another's upload.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from models.base import new_public_id
from models.database import Session, reading, transaction
from models.enterprises import Enterprise, list_active_enterprises_of_lead
from models.import_uploads import (
    ImportUpload,
    UploadState,
    add_upload,
    find_upload,
    list_replaced_uploads,
    move_upload,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, Forbidden, InvalidValue, NotFound
from wxbackend.domain.import_columns import (
    NOTE_MARK,
    Column,
    ImportKind,
    columns_of,
    template_headers,
)
from wxbackend.domain.roles import Right, may
from wxbackend.domain.scope import EnterpriseScope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.upload_work import erase_files, work_on_upload
from wxbackend.services.visitors import Member

MOST_BYTES = 20_000_000
KEPT_FOR = timedelta(hours=24)
# Up to here a file is checked, and its rows are taken, while its owner waits for the answer.
_SMALL_FILE_BYTES, _FEW_ROWS = 1_000_000, 10_000
_SHORT, _LONG_NAME = timedelta(seconds=25), 200
_RIGHTS = {
    ImportKind.ENTERPRISES: Right.MANAGE_ENTERPRISES,
    ImportKind.EMPLOYEES: Right.MANAGE_EMPLOYEES,
    ImportKind.NUCLEIC_ACID_TESTS: Right.IMPORT_REGISTERS,
    ImportKind.VACCINATIONS: Right.IMPORT_REGISTERS,
}


@dataclass(frozen=True, slots=True)
class NewUpload:
    """`enterprise` is the public id of the one that a lead's employees go to.

    Empty is fine for the bureau, and for a lead of one enterprise.
    """

    kind: ImportKind
    file_name: str
    content: bytes
    enterprise: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A workbook; the wording `download.NAME` says how the file is called."""

    content: bytes
    name: str


class UploadGone(Conflict):
    """The upload has grown too old, or was given up or replaced."""

    code = "upload_gone"


def kinds_for(member: Member) -> tuple[ImportKind, ...]:
    """What the member may import, in the order of the page."""
    return tuple(kind for kind, right in _RIGHTS.items() if may(member.role, right))


def enterprises_for(member: Member) -> tuple[tuple[str, str], ...]:
    """(public id, name) of the enterprises that a lead may import employees of."""
    if member.lead_id is None:
        return ()
    with reading() as session:
        rows = list_active_enterprises_of_lead(session, member.lead_id)
        return tuple((row.public_id, row.name) for row in rows)


def columns_for(member: Member, kind: ImportKind) -> tuple[Column, ...]:
    """The template's columns; a lead's file needs no 统一社会信用代码. Raises: Forbidden."""
    _check_kind(member, kind)
    if member.lead_id is None:
        return columns_of(kind)
    return tuple(column for column in columns_of(kind) if column.name != "credit_code")


def template(dependencies: Dependencies, member: Member, kind: ImportKind) -> Download:
    """An empty workbook: headers, a row of notes, and cells that are text."""
    columns = columns_for(member, kind)
    word = dependencies.gateways.wording.text
    notes = [NOTE_MARK + word(f"import_note.{kind.value}.{column.name}") for column in columns]
    content = dependencies.gateways.templates.workbook(template_headers(columns), notes)
    return Download(content, f"template.{kind.value}")


def receive(dependencies: Dependencies, member: Member, new: NewUpload, *, actor: Actor) -> str:
    """Keep the file, check it now or soon; its public id.

    An earlier upload of the same kind that its owner has not decided on is given up.
    Raises: InvalidValue, Forbidden.
    """
    _check_kind(member, new.kind)
    _check_content(new.content)
    upload_id, public_id = _announce(dependencies, member, new)
    name = f"{public_id}.file"
    dependencies.gateways.files.write(name, new.content)
    now = dependencies.clock()
    with transaction() as session:
        move_upload(
            session, upload_id, UploadState.WAITING, before=UploadState.LEFT, stored_as=name
        )
        row = find_upload(session, public_id, account_id=member.account_id, lead_id=member.lead_id)
        replaced = list_replaced_uploads(session, row) if row else ()
        gone = [one.id for one in replaced if _leave(session, one)]
        details = {"kind": new.kind.value, "bytes": len(new.content)}
        about = ("import_upload", upload_id)
        record(session, actor, "upload_import", about=about, now=now, details=details)
    erase_files(dependencies, gone)
    if len(new.content) <= _SMALL_FILE_BYTES:
        work_on_upload(dependencies, upload_id, timeout=_SHORT)
    return public_id


def confirm(dependencies: Dependencies, member: Member, public_id: str, *, actor: Actor) -> None:
    """Take the right rows, now or soon. A second tap has no further effect.

    Raises: NotFound, UploadGone, ImportClash.
    """
    now = dependencies.clock()
    with transaction() as session:
        row = _find(session, member, public_id)
        upload_id, state, report = row.id, row.state, row.report or {}
        is_mine = row.enterprise_id is None or _is_in_scope(member, row.enterprise_id)
        if not is_mine or ImportKind(row.kind) not in kinds_for(member):
            raise NotFound
        if row.expires_at <= now or state in {UploadState.LEFT, UploadState.REFUSED}:
            raise UploadGone
        if state is UploadState.CHECKED and report["new"] + report["changed"]:
            move_upload(
                session,
                upload_id,
                UploadState.ACCEPTED,
                before=UploadState.CHECKED,
                actor=asdict(actor),
                tries=0,
            )
            about = ("import_upload", upload_id)
            record(session, actor, "confirm_import", about=about, now=now)
    if report.get("new", 0) + report.get("changed", 0) <= _FEW_ROWS:
        work_on_upload(dependencies, upload_id, timeout=_SHORT)


def leave(dependencies: Dependencies, member: Member, public_id: str, *, actor: Actor) -> None:
    """Take nothing, and erase the file. What was taken stays taken. Raises: NotFound."""
    with transaction() as session:
        row = _find(session, member, public_id)
        upload_id = row.id
        is_left = _leave(session, row)
        if is_left:
            about = ("import_upload", upload_id)
            record(session, actor, "leave_import", about=about, now=dependencies.clock())
    if is_left:
        erase_files(dependencies, [upload_id])


def wrong_rows(
    dependencies: Dependencies, member: Member, public_id: str, *, actor: Actor
) -> Download:
    """The wrong rows as they were, with the reason in the last column; the look is audited.

    Raises: NotFound, also where there are none or they were erased.
    """
    with transaction() as session:
        row = _find(session, member, public_id)
        name = row.wrong_rows_stored_as
        if name is None or row.expires_at <= dependencies.clock():
            raise NotFound
        about = ("import_upload", row.id)
        record(session, actor, "download_wrong_rows", about=about, now=dependencies.clock())
    try:
        return Download(dependencies.gateways.files.read(name), "wrong_rows")
    except FileNotFoundError:
        raise NotFound from None


def _check_kind(member: Member, kind: ImportKind) -> None:
    if kind not in kinds_for(member):
        raise Forbidden


def _check_content(content: bytes) -> None:
    if not content:
        raise InvalidValue("import.upload.missing")
    if len(content) > MOST_BYTES:
        raise InvalidValue("import.file.too_large", most=MOST_BYTES // 1_000_000)


def _announce(dependencies: Dependencies, member: Member, new: NewUpload) -> tuple[int, str]:
    """A row before the file is written: whatever happens now, the sweep knows the file's name."""
    now = dependencies.clock()
    public_id = new_public_id()
    with transaction() as session:
        enterprise_id = None
        if member.lead_id is not None:
            enterprise_id = _own_enterprise(session, member.lead_id, new.enterprise).id
        row = add_upload(
            session,
            ImportUpload(
                public_id=public_id,
                kind=new.kind.value,
                account_id=member.account_id,
                lead_id=member.lead_id,
                enterprise_id=enterprise_id,
                file_name=_plain_name(new.file_name),
                file_sha256=hashlib.sha256(new.content).hexdigest(),
                file_bytes=len(new.content),
                state=UploadState.LEFT,
                stored_as=f"{public_id}.file",
                created_at=now,
                expires_at=now + KEPT_FOR,
            ),
        )
        return row.id, public_id


def _own_enterprise(session: Session, lead_id: int, public_id: str) -> Enterprise:
    rows = list_active_enterprises_of_lead(session, lead_id)
    if not public_id and len(rows) == 1:
        return rows[0]
    for row in rows:
        if row.public_id == public_id:
            return row
    raise InvalidValue("choice.missing")


def _plain_name(name: str) -> str:
    """What stands behind the last slash, printable, its end kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(char for char in last if char.isprintable())[-_LONG_NAME:] or "-"


def _find(session: Session, member: Member, public_id: str) -> ImportUpload:
    row = find_upload(session, public_id, account_id=member.account_id, lead_id=member.lead_id)
    if row is None:
        raise NotFound
    return row


def _leave(session: Session, row: ImportUpload) -> bool:
    """Give it up, unless it was accepted or is over already."""
    return any(
        move_upload(session, row.id, UploadState.LEFT, before=before)
        for before in (
            UploadState.WAITING,
            UploadState.CHECKING,
            UploadState.CHECKED,
            UploadState.REFUSED,
        )
    )


def _is_in_scope(member: Member, enterprise_id: int) -> bool:
    scope = member.scope
    return isinstance(scope, EnterpriseScope) and enterprise_id in scope.enterprise_ids
