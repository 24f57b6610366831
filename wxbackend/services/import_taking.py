"""Taking a file's records: everything slow beforehand, then one short transaction for all."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from models.database import IntegrityError, Session, reading, transaction
from models.imports import ImportOrigin, ImportRun, add_import_run
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.scope import Scope
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Clock
from wxbackend.services.import_counts import Preview
from wxbackend.services.import_enterprises import EnterpriseTarget
from wxbackend.services.import_reading import Batch
from wxbackend.services.import_registers import NucleicAcidTarget, VaccinationTarget
from wxbackend.services.import_rosters import EmployeeTarget
from wxbackend.services.import_targets import Judged, Target
from wxbackend.services.leads import LeadLetters

_LONGEST_FILE_NAME = 200
_KEPT_IN_MEMORY = 1_000_000


class ImportClash(Conflict):
    """Another import wrote the same rows at the same time."""

    code = "import_clash"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the rows come from: what the history and the audit log say of an import."""

    kind: ImportKind
    file_name: str
    sha256: str
    origin: ImportOrigin
    actor: Actor
    account_id: int | None = None
    lead_id: int | None = None
    enterprise_id: int | None = None


# Called after every batch with what became of its records, whose rows are not to be touched any
# more: for counts and progress bars.
Watch = Callable[[Batch, Sequence[Judged[Any, Any]]], None]


class Batches(Protocol):
    """Where records come from: a file, or rows that were checked before."""

    def batches(self) -> Iterator[Batch]: ...


def target_of(
    kind: ImportKind, scope: Scope, actor: Actor, letters: LeadLetters | None = None
) -> Target:
    """Where the rows go; without `letters` only to judge them."""
    match kind:
        case ImportKind.ENTERPRISES:
            return EnterpriseTarget(scope, actor, letters)
        case ImportKind.EMPLOYEES:
            return EmployeeTarget(scope)
        case ImportKind.NUCLEIC_ACID_TESTS:
            return NucleicAcidTarget(scope)
        case ImportKind.VACCINATIONS:
            return VaccinationTarget(scope)


def judge_batches(target: Target, source: Batches, watch: Watch) -> None:
    """Say of every record what taking it would do. Nothing is written."""
    for batch in source.batches():
        with reading() as session:
            judged = target.judge(session, batch.records)
        watch(batch, judged)


class PreparedWrites:
    """What is to be written, in the file's order, in a temporary file that has no name."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._file = tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> PreparedWrites:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def prepare(self, source: Batches, watch: Watch, *, now: datetime) -> None:
        """Judge all records and turn them into writes; the database is only read."""
        for batch in source.batches():
            with reading() as session:
                judged = self._target.judge(session, batch.records)
                pickle.dump(self._target.prepare(session, judged, now=now), self._file)
            watch(batch, judged)

    def write(self, session: Session, *, now: datetime) -> None:
        self._file.seek(0)
        while True:
            try:
                prepared = pickle.load(self._file)  # noqa: S301 – written above, and nameless
            except EOFError:
                break
            self._target.write(session, prepared, now=now)
            session.flush()
            session.expunge_all()  # memory does not grow with the file
        self._target.finish(session, now=now)


def take_all(
    prepared: PreparedWrites,
    provenance: Provenance,
    done: Callable[[], Preview],
    *,
    started_at: datetime,
    clock: Clock,
    also: Callable[[Session, int], None] = lambda session, run_id: None,
) -> None:
    """Write everything in one transaction, with its history and audit; `also` joins it.

    `done` gives the counts, and may refuse. Raises: ImportClash.
    """
    try:
        with transaction() as session:
            prepared.write(session, now=started_at)
            counts = done()
            run_id = write_history(
                session, provenance, counts, started_at=started_at, finished_at=clock()
            )
            also(session, run_id)
    except IntegrityError as error:
        raise ImportClash from error


def write_history(
    session: Session,
    provenance: Provenance,
    done: Preview,
    *,
    started_at: datetime,
    finished_at: datetime,
    refusal: dict[str, Any] | None = None,
) -> int:
    """The run in the history and in the audit log; its id."""
    counts = {
        "new_rows": done.new,
        "changed_rows": done.changed,
        "unchanged_rows": done.unchanged,
        "wrong_rows": done.wrong,
    }
    run = ImportRun(
        kind=provenance.kind.value,
        file_name=provenance.file_name[-_LONGEST_FILE_NAME:],
        file_sha256=provenance.sha256,
        origin=provenance.origin,
        account_id=provenance.account_id,
        lead_id=provenance.lead_id,
        enterprise_id=provenance.enterprise_id,
        started_at=started_at,
        finished_at=finished_at,
        refusal=refusal,
        **counts,
    )
    run_id = add_import_run(session, run)
    details = {"kind": provenance.kind.value, "origin": provenance.origin.value}
    record(
        session,
        provenance.actor,
        "import",
        about=("import_run", run_id),
        now=finished_at,
        succeeded=refusal is None,
        details={**details, "file_sha256": provenance.sha256, **counts},
    )
    return run_id
