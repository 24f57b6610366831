"""Imports: a whole file is checked first, then taken in one transaction, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import Session, reading
from models.enterprises import find_enterprise_ids
from models.imports import ImportOrigin
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
from wxbackend.gateways.interfaces.sheets import Spreadsheet
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.dependencies import Clock
from wxbackend.services.import_counts import Preview as Preview
from wxbackend.services.import_counts import Tally
from wxbackend.services.import_reading import Batch, CheckedFile
from wxbackend.services.import_taking import ImportClash as ImportClash
from wxbackend.services.import_taking import (
    PreparedWrites,
    Provenance,
    judge_batches,
    take_all,
    target_of,
)
from wxbackend.services.import_targets import Judged
from wxbackend.services.leads import LeadLetters


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


class WrongRowsLeft(Conflict):
    """All rows were to be taken, and some are wrong."""

    code = "import_wrong_rows"


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
    file = _open(order, wording=wording, now=now)
    tally = Tally()
    judge_batches(target_of(order.kind, order.scope, order.actor), file, _both(tally, file, watch))
    return tally.preview(fingerprint, file.layout.ignored)


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

    The file is read again before the transaction begins: its writes alone stand in it.
    Raises: WrongRowsLeft unless wrong rows may be left out; ImportClash; InvalidValue where the
        file is not the one that was checked.
    """
    started_at = clock()
    if checked.wrong and not leave_out_wrong:
        raise WrongRowsLeft(count=checked.wrong)
    file, tally = _open(order, wording=wording, now=started_at), Tally()

    def done() -> Preview:
        counts = tally.preview(checked.fingerprint, file.layout.ignored)
        if counts.wrong != checked.wrong or order.sheet.fingerprint() != checked.fingerprint:
            raise InvalidValue("import.file.changed")
        return counts

    letters = LeadLetters(wording, policy)
    with PreparedWrites(target_of(order.kind, order.scope, order.actor, letters)) as prepared:
        prepared.prepare(file, _both(tally, file, watch), now=started_at)
        done()
        take_all(prepared, _provenance(order, checked), done, started_at=started_at, clock=clock)
    return done()


def _both(
    tally: Tally, file: CheckedFile, watch: Watch
) -> Callable[[Batch, Sequence[Judged[Any, Any]]], None]:
    def see(batch: Batch, judged: Sequence[Judged[Any, Any]]) -> None:
        tally.add(batch, judged)
        watch(file.columns, batch)

    return see


def _open(order: ImportOrder, *, wording: Wording, now: datetime) -> CheckedFile:
    code = parse_credit_code(order.enterprise_code) if order.enterprise_code else None
    with reading() as session:
        rules = rules_for(
            session, order.kind, order.scope, wording=wording, now=now, only_enterprise=code
        )
    return CheckedFile(order.sheet, order.kind, rules)


def rules_for(
    session: Session,
    kind: ImportKind,
    scope: Scope,
    *,
    wording: Wording,
    now: datetime,
    only_enterprise: str | None = None,
) -> RowRules:
    """What the checks of rows need to know; `only_enterprise` is a credit code.

    Raises: InvalidValue for an enterprise outside the scope.
    """
    enterprises: Mapping[str, int] = {}
    if kind is ImportKind.EMPLOYEES:
        enterprises = find_enterprise_ids(session, scope)
        if only_enterprise is not None and only_enterprise not in enterprises:
            raise InvalidValue("import.enterprise.unknown")
    return RowRules(
        now=now,
        towns={clean_code(town.name): town.id for town in list_towns(session)},
        enterprises=enterprises,
        id_types=_id_types(wording),
        only_enterprise=only_enterprise,
    )


def _id_types(wording: Wording) -> dict[str, IdType]:
    """The kinds of documents by the names that people write for them."""
    names: dict[str, IdType] = {}
    for id_type in IdType:
        also = wording.text(f"import.id_type_also.{id_type.value}").split()
        for name in (wording.text(f"id_type.{id_type.value}"), *also):
            names[clean_code(name)] = id_type
    return names


def _provenance(order: ImportOrder, checked: Preview) -> Provenance:
    is_account = order.actor.kind is ActorKind.ACCOUNT
    return Provenance(
        kind=order.kind,
        file_name=order.sheet.file_name,
        sha256=checked.fingerprint,
        origin=ImportOrigin.COMMAND,
        actor=order.actor,
        account_id=order.actor.id if is_account else None,
    )
