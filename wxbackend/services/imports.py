"""Imports: a whole file is checked first, then taken in one transaction, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import IntegrityError, Session, reading, transaction
from models.enterprises import find_enterprise_ids
from models.imports import ImportRun, add_import_run
from models.places import list_towns
from wxbackend.domain.actors import Actor, ActorKind
from wxbackend.domain.credit_codes import parse_credit_code
from wxbackend.domain.errors import Conflict, InvalidValue
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.import_columns import Column, ImportKind
from wxbackend.domain.import_rows import RowRules
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.policy import Policy
from wxbackend.domain.scope import Scope
from wxbackend.gateways.interfaces import Spreadsheet, Wording
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Clock
from wxbackend.services.import_enterprises import EnterpriseTarget
from wxbackend.services.import_reading import Batch, CheckedFile
from wxbackend.services.import_registers import NucleicAcidTarget, VaccinationTarget
from wxbackend.services.import_rosters import EmployeeTarget
from wxbackend.services.import_targets import Judged, Outcome, Target
from wxbackend.services.leads import LeadLetters

_MOST_ROWS_NAMED = 20
_LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported, and on whose behalf.

    `scope` is what the importer may see and change; with `enterprise_code` all employees of the
    file go to that enterprise.
    """

    kind: ImportKind
    sheet: Spreadsheet
    actor: Actor
    scope: Scope
    enterprise_code: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do, or did. `fingerprint` ties taking to what was checked."""

    fingerprint: str
    new: int
    changed: int
    unchanged: int
    wrong: int
    main_lead_changes: int
    main_lead_rows: tuple[int, ...]  # the first few
    ignored_columns: tuple[str, ...]

    @property
    def good(self) -> int:
        return self.new + self.changed + self.unchanged


class WrongRowsLeft(Conflict):
    """All rows were to be taken, and some are wrong."""

    code = "import_wrong_rows"


class ImportClash(Conflict):
    """Another import wrote the same rows at the same time."""

    code = "import_clash"


# Called after every batch, with the file's columns: for a progress bar and the wrong-row file.
Watch = Callable[[tuple[Column, ...], Batch], None]


def _nobody_watches(columns: tuple[Column, ...], batch: Batch) -> None:
    del columns, batch


def check_import(
    order: ImportOrder, *, wording: Wording, now: datetime, watch: Watch = _nobody_watches
) -> Preview:
    """Read the whole file, and say what taking it would do. Nothing is written.

    Raises: InvalidValue for a file that cannot be taken at all.
    """
    fingerprint = order.sheet.fingerprint()
    with reading() as session:
        rules = _rules(session, order, wording=wording, now=now)
    target = _target_of(order)
    file = CheckedFile(order.sheet, order.kind, rules)
    tally = _Tally()
    for batch in file.batches():
        with reading() as session:
            tally.add(batch, target.judge(session, batch.records))
        watch(file.columns, batch)
    return tally.preview(fingerprint, file)


def take_import(
    order: ImportOrder,
    checked: Preview,
    *,
    wording: Wording,
    policy: Policy,
    clock: Clock,
    leave_out_wrong: bool = False,
    watch: Watch = _nobody_watches,
) -> Preview:
    """Take the file that was checked, all of it or (on error) nothing; what became of it.

    Raises: WrongRowsLeft unless wrong rows may be left out; ImportClash; InvalidValue where the
        file is not the one that was checked.
    """
    started_at = clock()
    if checked.wrong and not leave_out_wrong:
        raise WrongRowsLeft(count=checked.wrong)
    try:
        with transaction() as session:
            rules = _rules(session, order, wording=wording, now=started_at)
            target = _target_of(order, LeadLetters(wording, policy))
            done = _take(session, order, checked, rules=rules, target=target, watch=watch)
            if done.wrong != checked.wrong or order.sheet.fingerprint() != checked.fingerprint:
                raise InvalidValue("import.file.changed")
            _write_history(session, order, done, started_at=started_at, finished_at=clock())
    except IntegrityError as error:
        raise ImportClash from error
    return done


def _take(
    session: Session,
    order: ImportOrder,
    checked: Preview,
    *,
    rules: RowRules,
    target: Target,
    watch: Watch,
) -> Preview:
    now = rules.now
    file = CheckedFile(order.sheet, order.kind, rules)
    tally = _Tally()
    for batch in file.batches():
        judged = target.judge(session, batch.records)
        target.write(session, judged, now=now)
        session.flush()
        session.expunge_all()  # memory does not grow with the file
        tally.add(batch, judged)
        watch(file.columns, batch)
    target.finish(session, now=now)
    return tally.preview(checked.fingerprint, file)


class _Tally:
    """Counts what becomes of the rows."""

    def __init__(self) -> None:
        self._outcomes = dict.fromkeys(Outcome, 0)
        self._wrong = 0
        self._flagged = 0
        self._flagged_rows: list[int] = []

    def add(self, batch: Batch, judged: Sequence[Judged[Any, Any]]) -> None:
        for number, one in zip(batch.numbers, judged, strict=True):
            self._outcomes[one.outcome] += 1
            if one.is_flagged:
                self._flagged += 1
                self._flagged_rows += [number][: _MOST_ROWS_NAMED - len(self._flagged_rows)]
        self._outcomes[Outcome.UNCHANGED] += batch.repeats
        self._wrong += len(batch.wrong)

    def preview(self, fingerprint: str, file: CheckedFile) -> Preview:
        return Preview(
            fingerprint=fingerprint,
            new=self._outcomes[Outcome.NEW],
            changed=self._outcomes[Outcome.CHANGED],
            unchanged=self._outcomes[Outcome.UNCHANGED],
            wrong=self._wrong,
            main_lead_changes=self._flagged,
            main_lead_rows=tuple(self._flagged_rows),
            ignored_columns=file.layout.ignored,
        )


def _rules(session: Session, order: ImportOrder, *, wording: Wording, now: datetime) -> RowRules:
    code = parse_credit_code(order.enterprise_code) if order.enterprise_code else None
    enterprises: Mapping[str, int] = {}
    if order.kind is ImportKind.EMPLOYEES:
        enterprises = find_enterprise_ids(session, order.scope)
        if code is not None and code not in enterprises:
            raise InvalidValue("import.enterprise.unknown")
    return RowRules(
        now=now,
        towns={clean_code(town.name): town.id for town in list_towns(session)},
        enterprises=enterprises,
        id_types=_id_types(wording),
        only_enterprise=code,
    )


def _id_types(wording: Wording) -> dict[str, IdType]:
    """The kinds of documents by the names that people write for them."""
    names: dict[str, IdType] = {}
    for id_type in IdType:
        also = wording.text(f"import.id_type_also.{id_type.value}").split()
        for name in (wording.text(f"id_type.{id_type.value}"), *also):
            names[clean_code(name)] = id_type
    return names


def _target_of(order: ImportOrder, letters: LeadLetters | None = None) -> Target:
    """Where the rows go; without `letters` only to judge them."""
    match order.kind:
        case ImportKind.ENTERPRISES:
            return EnterpriseTarget(order.scope, order.actor, letters)
        case ImportKind.EMPLOYEES:
            return EmployeeTarget(order.scope)
        case ImportKind.NUCLEIC_ACID_TESTS:
            return NucleicAcidTarget(order.scope)
        case ImportKind.VACCINATIONS:
            return VaccinationTarget(order.scope)


def _write_history(
    session: Session,
    order: ImportOrder,
    done: Preview,
    *,
    started_at: datetime,
    finished_at: datetime,
) -> None:
    counts = {
        "new_rows": done.new,
        "changed_rows": done.changed,
        "unchanged_rows": done.unchanged,
        "wrong_rows": done.wrong,
    }
    run = ImportRun(
        kind=order.kind.value,
        file_name=order.sheet.file_name[-_LONGEST_FILE_NAME:],
        file_sha256=done.fingerprint,
        account_id=order.actor.id if order.actor.kind is ActorKind.ACCOUNT else None,
        started_at=started_at,
        finished_at=finished_at,
        **counts,
    )
    record(
        session,
        order.actor,
        "import",
        about=("import_run", add_import_run(session, run)),
        now=finished_at,
        details={"kind": order.kind.value, "file_sha256": done.fingerprint, **counts},
    )
