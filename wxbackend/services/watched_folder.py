"""The registers' daily files: whatever is complete in the watched folder is imported."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from pathlib import PurePath

from models.database import transaction
from models.imports import ImportOrigin
from wxbackend.domain.actors import system_actor
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.moments import to_local
from wxbackend.domain.scope import DistrictScope
from wxbackend.gateways.interfaces.sheets import DroppedFile
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.import_counts import Preview
from wxbackend.services.import_taking import ImportClash, Provenance, write_history
from wxbackend.services.upload_checks import (
    CheckedContent,
    FileToCheck,
    check_content,
    take_content,
)

_log = logging.getLogger(__name__)
KINDS = (ImportKind.NUCLEIC_ACID_TESTS, ImportKind.VACCINATIONS)
_MOST_BYTES = 20_000_000
_TIMEOUT = timedelta(minutes=3)
_EVERYTHING = DistrictScope()


def import_dropped_files(dependencies: Dependencies) -> int:
    """The job: take every complete file that no other worker has; how many."""
    drops = dependencies.gateways.drops
    taken = 0
    for subfolder, name in drops.complete([kind.value for kind in KINDS]):
        with drops.claim(subfolder, name, most=_MOST_BYTES) as file:
            if file is not None:
                _import(dependencies, ImportKind(subfolder), name, file)
                taken += 1
    return taken


def _import(dependencies: Dependencies, kind: ImportKind, name: str, file: DroppedFile) -> None:
    """The right rows are taken; only then the file is moved.

    Whoever is killed in between imports it once more, which changes nothing.
    """
    now = dependencies.clock()
    provenance = Provenance(
        kind=kind,
        file_name=name.encode("utf-8", "replace").decode(),
        sha256=hashlib.sha256(file.content).hexdigest(),
        origin=ImportOrigin.WATCHED_FOLDER,
        actor=system_actor("watched_folder"),
    )
    beside: dict[str, bytes] = {}
    try:
        checked = _check(dependencies, provenance, file)
        if checked.wrong_rows is not None:
            beside[".wrong.xlsx"] = checked.wrong_rows
        _take(dependencies, provenance, checked)
    except ImportClash:
        _log.warning("import clash", extra={"kind": kind.value})
        return  # the file stays where it is, for the next turn
    except InvalidValue as error:
        reason = dependencies.gateways.wording.text(f"error.{error.code}", **error.facts)
        _refuse(dependencies, provenance, error)
        beside[".reason.txt"] = f"{reason}\r\n".encode("utf-8-sig")
        file.move(is_done=False, at=to_local(now), beside=beside)
        return
    file.move(is_done=True, at=to_local(now), beside=beside)


def _check(dependencies: Dependencies, provenance: Provenance, file: DroppedFile) -> CheckedContent:
    """Raises: InvalidValue."""
    if len(file.content) > _MOST_BYTES:
        raise InvalidValue("import.file.too_large", most=_MOST_BYTES // 1_000_000)
    if not PurePath(provenance.file_name).suffix:
        raise InvalidValue("import.file.kind")
    to_check = FileToCheck(
        kind=provenance.kind,
        file_name=provenance.file_name,
        sha256=provenance.sha256,
        content=file.content,
        scope=_EVERYTHING,
    )
    return check_content(dependencies, to_check, provenance, timeout=_TIMEOUT)


def _take(dependencies: Dependencies, provenance: Provenance, checked: CheckedContent) -> Preview:
    """Raises: InvalidValue where no row is right; ImportClash."""
    counts = checked.counts
    if counts.wrong and not counts.good:
        raise InvalidValue("import.check.all_wrong", count=counts.wrong)
    return take_content(
        dependencies,
        checked.rows,
        provenance,
        _EVERYTHING,
        repeats=checked.report["repeats"],
        wrong=counts.wrong,
    )


def _refuse(dependencies: Dependencies, provenance: Provenance, error: InvalidValue) -> None:
    now = dependencies.clock()
    wrong = error.facts.get("count", 0) if error.code == "import.check.all_wrong" else 0
    with transaction() as session:
        write_history(
            session,
            provenance,
            Preview(provenance.sha256, wrong=int(wrong)),
            started_at=now,
            finished_at=now,
            refusal={"code": error.code, "facts": dict(error.facts)},
        )
