"""The work on uploads, done at once or by a job: checking them, taking them, erasing them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from models.database import Session, reading, transaction
from models.import_uploads import (
    ImportUpload,
    UploadState,
    claim_upload,
    get_upload,
    list_expired_uploads,
    list_uploads_with_work,
    move_upload,
)
from models.imports import ImportOrigin
from models.saved_filters import delete_expired_filters
from wxbackend.domain.actors import Actor, ActorKind, system_actor
from wxbackend.domain.errors import Conflict, InvalidValue
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, Scope
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.import_prepared import ForeignRecord
from wxbackend.services.import_taking import ImportClash, Provenance
from wxbackend.services.upload_checks import (
    CheckedContent,
    FileToCheck,
    check_content,
    take_content,
)

_log = logging.getLogger(__name__)
_LONG = timedelta(minutes=3)
_LEASE = timedelta(minutes=2)  # beyond the time that the child is given
_MOST_TRIES = 3
_SWEPT_AT_ONCE = 100
_KEPT_OF_A_REPORT = (
    *("rows", "new", "changed", "unchanged", "wrong", "wrong_cells"),
    *("lead_change_count", "refused"),
)


class _MovedOn(Conflict):
    """Its owner gave the upload up, or its lease had ended."""


def work_on_uploads(dependencies: Dependencies) -> int:
    """The job: everything that waits to be checked or taken, dead workers' uploads included."""
    with reading() as session:
        waiting = list_uploads_with_work(session, now=dependencies.clock(), limit=20)
    return sum(work_on_upload(dependencies, upload_id, timeout=_LONG) for upload_id in waiting)


def work_on_upload(dependencies: Dependencies, upload_id: int, *, timeout: timedelta) -> bool:
    """Check it, or take it, whatever is to be done; False when that is nothing.

    Raises: ImportClash.
    """
    now = dependencies.clock()
    with transaction() as session:
        work = claim_upload(session, upload_id, now=now, busy_until=now + timeout + _LEASE)
        if work is None:
            return False
        row = get_upload(session, upload_id)
        is_hopeless = row.tries > _MOST_TRIES
    if work is UploadState.CHECKING:
        _check(dependencies, upload_id, is_hopeless=is_hopeless, timeout=timeout)
    else:
        _take(dependencies, upload_id)
    return True


def erase_files(dependencies: Dependencies, upload_ids: Iterable[int]) -> None:
    """Erase what is stored of these uploads, and the rows of people in their reports."""
    for upload_id in upload_ids:
        with reading() as session:
            public_id = get_upload(session, upload_id).public_id
        for part in ("file", "rows", "wrong"):
            dependencies.gateways.files.delete(f"{public_id}.{part}")
        with transaction() as session:
            row = get_upload(session, upload_id)
            row.stored_as = row.rows_stored_as = row.wrong_rows_stored_as = None
            report = row.report or {}
            row.report = {name: report[name] for name in _KEPT_OF_A_REPORT if name in report}


def sweep_uploads(dependencies: Dependencies) -> int:
    """The job: erase what is too old, and what killed processes left behind."""
    now = dependencies.clock()
    with transaction() as session:
        expired = [row.id for row in list_expired_uploads(session, now=now, limit=_SWEPT_AT_ONCE)]
        for upload_id in expired:
            row = get_upload(session, upload_id)
            if row.state not in {UploadState.TAKEN, UploadState.REFUSED}:
                row.state = UploadState.LEFT
        filters = delete_expired_filters(session, now=now)
    erase_files(dependencies, expired)
    swept = dependencies.gateways.file_checks.sweep() + dependencies.gateways.files.sweep()
    return len(expired) + filters + swept


# ---- checking ----------------------------------------------------------------------------------


def _check(
    dependencies: Dependencies, upload_id: int, *, is_hopeless: bool, timeout: timedelta
) -> None:
    with reading() as session:
        row = get_upload(session, upload_id)
        public_id, provenance, scope = row.public_id, _provenance(row), _scope(row)
    try:
        if is_hopeless:  # whoever tried it did not live to tell
            raise InvalidValue("import.check.failed")
        file = FileToCheck(
            kind=provenance.kind,
            file_name=provenance.file_name,
            sha256=provenance.sha256,
            content=dependencies.gateways.files.read(f"{public_id}.file"),
            scope=scope,
        )
        checked = check_content(dependencies, file, provenance, timeout=timeout)
    except FileNotFoundError:
        return  # its owner gave it up in the meantime
    except InvalidValue as error:
        _log.info("import refused", extra={"code": error.code})
        report = {"refused": {"code": error.code, "facts": dict(error.facts)}}
        _finish(dependencies, upload_id, public_id, UploadState.REFUSED, {"report": report})
        return
    values = _keep(dependencies, public_id, checked)
    _finish(dependencies, upload_id, public_id, UploadState.CHECKED, values)


def _keep(dependencies: Dependencies, public_id: str, checked: CheckedContent) -> dict[str, Any]:
    files = dependencies.gateways.files
    files.write(f"{public_id}.rows", checked.rows)
    if checked.wrong_rows is not None:
        files.write(f"{public_id}.wrong", checked.wrong_rows)
    return {
        "report": checked.report,
        "rows_stored_as": f"{public_id}.rows",
        "wrong_rows_stored_as": f"{public_id}.wrong" if checked.wrong_rows is not None else None,
    }


def _finish(
    dependencies: Dependencies,
    upload_id: int,
    public_id: str,
    state: UploadState,
    values: Mapping[str, Any],
) -> None:
    """Write the result down; the file itself is not needed any more."""
    with transaction() as session:
        is_ours = move_upload(
            session, upload_id, state, before=UploadState.CHECKING, stored_as=None, **values
        )
    if is_ours:
        dependencies.gateways.files.delete(f"{public_id}.file")
    else:
        erase_files(dependencies, [upload_id])


# ---- taking ------------------------------------------------------------------------------------


def _take(dependencies: Dependencies, upload_id: int) -> None:
    with reading() as session:
        row = get_upload(session, upload_id)
        public_id, provenance, scope = row.public_id, _provenance(row), _scope(row)
        report = row.report

    def mark_taken(session: Session, run_id: int) -> None:
        """In the same transaction: an upload is taken once, whoever died on the way."""
        is_ours = move_upload(
            session,
            upload_id,
            UploadState.TAKEN,
            before=UploadState.TAKING,
            import_run_id=run_id,
            rows_stored_as=None,
        )
        if not is_ours:
            raise _MovedOn

    try:
        done = take_content(
            dependencies,
            dependencies.gateways.files.read(f"{public_id}.rows"),
            provenance,
            scope,
            repeats=report["repeats"],
            wrong=report["wrong"],
            also=mark_taken,
        )
    except _MovedOn:
        return
    except (ImportClash, ForeignRecord, FileNotFoundError):
        _give_back(upload_id)
        raise
    dependencies.gateways.files.delete(f"{public_id}.rows")
    _log.info("import taken", extra={"kind": provenance.kind.value, "rows": done.good})


def _give_back(upload_id: int) -> None:
    """Another import was faster: its owner reads so, and may confirm once more."""
    with transaction() as session:
        report = {**get_upload(session, upload_id).report, "clashed": True}
        move_upload(
            session, upload_id, UploadState.CHECKED, before=UploadState.TAKING, report=report
        )


def _provenance(row: ImportUpload) -> Provenance:
    return Provenance(
        kind=ImportKind(row.kind),
        file_name=row.file_name,
        sha256=row.file_sha256,
        origin=ImportOrigin.UPLOAD,
        actor=_actor(row.actor),
        account_id=row.account_id,
        lead_id=row.lead_id,
        enterprise_id=row.enterprise_id,
    )


def _scope(row: ImportUpload) -> Scope:
    if row.enterprise_id is None:
        return DistrictScope()
    return EnterpriseScope(frozenset({row.enterprise_id}))


def _actor(values: Mapping[str, Any] | None) -> Actor:
    if values is None:
        return system_actor("check_upload")
    return Actor(**{**values, "kind": ActorKind(values["kind"])})
