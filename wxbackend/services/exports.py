"""Exports: a list's rows as an Excel file in the file store, with a row that tells who took it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from models.database import reading, transaction
from models.exports import ExportRun, add_export_run
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Forbidden, InvalidForm, InvalidValue, NotFound, TooMany
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.roles import Right, Role, may
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.driver_exports import DRIVERS
from wxbackend.services.enterprise_exports import ENTERPRISES
from wxbackend.services.export_lists import ExportColumn, ExportList, ExportQuestion
from wxbackend.services.export_tables import MOST_ROWS, ExportOrder, ExportPlan, write_table
from wxbackend.services.reservation_exports import RESERVATIONS
from wxbackend.services.visitors import Member

EXPORT_LISTS: Mapping[str, ExportList] = {
    found.kind: found for found in (DRIVERS, ENTERPRISES, RESERVATIONS)
}

KEPT_FOR = timedelta(hours=24)
FILE_PREFIX = "export-"
_LONGEST_REASON = 200
# A process that died in the middle of an export holds its owner up no longer than this.
_LONGEST_EXPORT = timedelta(minutes=15)
_PIECE_BYTES = 1 << 18


class ExportRunning(TooMany):
    """An export of this person is being made: a second one waits for it."""

    code = "export_running"


@dataclass(frozen=True, slots=True)
class ExportOffer:
    """What the dialog offers; the counts go up to MOST_ROWS and one."""

    kind: str
    columns: Sequence[ExportColumn]
    filtered: int
    everything: int
    is_filtered: bool
    may_be_clear: bool
    most: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class MadeExport:
    public_id: str
    file_name: str
    row_count: int


def offer_export(
    dependencies: Dependencies,
    member: Member,
    kind: str,
    *,
    values: Mapping[str, str],
    order: PageRequest,
) -> ExportOffer:
    """Raises: NotFound for a list that does not exist or is not the member's."""
    found = _list_of(member, kind)
    names = frozenset(column.name for column in found.columns)
    asked = _question(dependencies, values, order, names)
    everything = _question(dependencies, dict.fromkeys(values, ""), order, names)
    is_filtered = any(values.values())
    with reading() as session:
        total = found.count(session, member.scope, everything, MOST_ROWS)
        matching = found.count(session, member.scope, asked, MOST_ROWS) if is_filtered else total
    may_be_clear = _may_be_clear(member, found)
    return ExportOffer(kind, found.columns, matching, total, is_filtered, may_be_clear)


def make_export(
    dependencies: Dependencies, member: Member, order: ExportOrder, *, actor: Actor
) -> MadeExport:
    """Write the file, and in one transaction the row and the audit row that tell of it.

    Raises: NotFound, Forbidden, ExportRunning, InvalidForm (columns, reason, range).
    """
    found = _list_of(member, order.kind)
    columns = _chosen_columns(member, found, order)
    names = frozenset(column.name for column in columns)
    question = _question(dependencies, order.values, order.order, names)
    plan = ExportPlan(member, found, columns, order, question)
    lock = f"export:{member.role.value}:{member.lead_id or ''}:{member.account_id or ''}"
    try:
        with dependencies.gateways.shared.lock(lock, keep=_LONGEST_EXPORT, wait=timedelta(0)):
            return _make(dependencies, plan, actor=actor)
    except LockNotFree:
        raise ExportRunning from None


def _list_of(member: Member, kind: str) -> ExportList:
    found = EXPORT_LISTS.get(kind)
    if found is None or not (may(member.role, Right.EXPORT) and may(member.role, found.right)):
        raise NotFound
    return found


def _may_be_clear(member: Member, found: ExportList) -> bool:
    if member.role is Role.ENTERPRISE and not found.is_clear_for_leads:
        return False
    return may(member.role, Right.EXPORT_CLEAR)


def _chosen_columns(member: Member, found: ExportList, order: ExportOrder) -> list[ExportColumn]:
    """The columns asked for, in the list's own order, once the order is found right."""
    if order.is_clear and not _may_be_clear(member, found):
        raise Forbidden
    errors: dict[str, InvalidValue] = {}
    chosen = [column for column in found.columns if column.name in order.columns]
    if not chosen:
        errors["columns"] = InvalidValue("export.columns_missing")
    if order.is_clear and not order.reason.strip():
        errors["reason"] = InvalidValue("export.reason_missing")
    if len(order.reason) > _LONGEST_REASON:
        errors["reason"] = InvalidValue("text.too_long", longest=_LONGEST_REASON)
    if errors:
        raise InvalidForm(errors)
    return chosen


def _question(
    dependencies: Dependencies,
    values: Mapping[str, str],
    order: PageRequest,
    columns: frozenset[str],
) -> ExportQuestion:
    return ExportQuestion(
        values, order, columns, dependencies.clock(), dependencies.gateways.wording
    )


def _make(dependencies: Dependencies, plan: ExportPlan, *, actor: Actor) -> MadeExport:
    files, stored_as = dependencies.gateways.files, f"{FILE_PREFIX}{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory(prefix="wxbackend-export-") as folder:
        path = Path(folder) / "export.xlsx"
        count = write_table(dependencies.gateways.tables, path, plan)
        try:
            with path.open("rb") as file:
                files.write_pieces(stored_as, iter(partial(file.read, _PIECE_BYTES), b""))
            run = _run_of(plan, count, stored_as, path.stat().st_size)
            return _keep(run, plan.order, actor=actor)
        except BaseException:
            files.delete(stored_as)  # nobody would know of it
            raise


def _run_of(plan: ExportPlan, count: int, stored_as: str, byte_count: int) -> ExportRun:
    member, order, now = plan.member, plan.order, plan.question.now
    return ExportRun(
        kind=order.kind,
        account_id=member.account_id,
        lead_id=member.lead_id,
        role=member.role.value,
        is_clear=order.is_clear,
        reason=order.reason.strip() if order.is_clear else "",
        columns=[column.name for column in plan.columns],
        conditions=[list(condition) for condition in order.conditions],
        row_count=count,
        file_name=plan.file_name,
        stored_as=stored_as,
        byte_count=byte_count,
        created_at=now,
        expires_at=now + KEPT_FOR,
    )


def _keep(run: ExportRun, order: ExportOrder, *, actor: Actor) -> MadeExport:
    details = {
        "kind": run.kind,
        "rows": run.row_count,
        "is_clear": run.is_clear,
        "columns": run.columns,
        "filters": {name: value for name, value in order.open_values.items() if value},
    }
    personal = {"conditions": run.conditions, "reason": run.reason}
    with transaction() as session:
        kept = add_export_run(session, run)
        record(
            session,
            actor,
            "export",
            about=("export_run", kept.public_id),
            now=kept.created_at,
            details=details,
            personal={name: value for name, value in personal.items() if value},
        )
        return MadeExport(kept.public_id, kept.file_name, kept.row_count)
