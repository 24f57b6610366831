"""Checking a file that nobody trusts, and taking the rows that were found right.

A child process without keys and database reads the file (`wxbackend.jobs.file_check`); what it
hands over are plain records, which this process compares with the database.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import PurePath
from typing import Any

from models.database import Session, reading
from models.enterprises import find_enterprise_ids
from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import ImportKind, columns_of
from wxbackend.domain.import_rows import (
    EmployeeRecord,
    EnterpriseRecord,
    NucleicAcidRecord,
    Record,
    RowRules,
)
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.moments import to_local
from wxbackend.domain.scope import EnterpriseScope, Scope
from wxbackend.gateways.interfaces.sheets import ConfinedWork, ConfinedWorkFailed
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.file_reports import MOST_ROWS_SHOWN, OUTCOME, ROWS, TASK, WRONG_ROWS
from wxbackend.services.import_counts import Preview, Tally
from wxbackend.services.import_prepared import (
    ForeignRecord,
    PreparedRecords,
    rules_to_json,
    to_line,
)
from wxbackend.services.import_reading import Batch
from wxbackend.services.import_taking import (
    PreparedWrites,
    Provenance,
    judge_batches,
    take_all,
    target_of,
)
from wxbackend.services.import_targets import Judged
from wxbackend.services.imports import rules_for
from wxbackend.services.leads import LeadLetters

MOST_ROWS, MOST_ROWS_OF_AN_ENTERPRISE = 200_000, 5_000
_SUFFIXES = {".xlsx", ".csv", ".xls", ".xlsm"}


@dataclass(frozen=True, slots=True)
class FileToCheck:
    """A file as it came; within an `EnterpriseScope` all employees go to that one enterprise."""

    kind: ImportKind
    file_name: str
    sha256: str
    content: bytes
    scope: Scope


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """`rows` are the good rows, packed; `report` is what a preview shows, numbers masked."""

    counts: Preview
    report: dict[str, Any]
    rows: bytes
    wrong_rows: bytes | None


def check_content(
    dependencies: Dependencies, file: FileToCheck, provenance: Provenance, *, timeout: timedelta
) -> CheckedContent:
    """Say what taking the file would do. Nothing is written.

    Raises: InvalidValue(import.file.…, import.check.…) for a file that cannot be taken.
    """
    wording, now = dependencies.gateways.wording, dependencies.clock()
    with reading() as session:
        rules = _rules(session, file.kind, file.scope, wording=wording, now=now)
    name = f"upload{_suffix(file.file_name)}"
    task = {
        "kind": file.kind.value,
        "file": name,
        "most_rows": MOST_ROWS if rules.only_enterprise is None else MOST_ROWS_OF_AN_ENTERPRISE,
        "rules": rules_to_json(rules),
    }
    inputs = {TASK: json.dumps(task).encode(), name: file.content}
    try:
        with dependencies.gateways.file_checks.run(inputs, timeout=timeout) as work:
            return _judge(file, provenance, rules, work, wording)
    except ConfinedWorkFailed as failed:
        is_late = failed.args[0] == "timeout"
        raise InvalidValue("import.check.late" if is_late else "import.check.failed") from failed
    except ForeignRecord as error:
        raise InvalidValue("import.check.failed") from error


def take_content(
    dependencies: Dependencies,
    packed: bytes,
    provenance: Provenance,
    scope: Scope,
    *,
    repeats: int,
    wrong: int,
    also: Callable[[Session, int], None] = lambda session, run_id: None,
) -> Preview:
    """Write the packed good rows in one transaction; `also` joins it. What became of them.

    Raises: ImportClash, ForeignRecord.
    """
    started_at, tally = dependencies.clock(), Tally()
    wording = dependencies.gateways.wording
    with reading() as session:
        rules = _rules(session, provenance.kind, scope, wording=wording, now=started_at)

    def done() -> Preview:
        counts = tally.preview(provenance.sha256)
        return replace(counts, unchanged=counts.unchanged + repeats, wrong=wrong)

    letters = LeadLetters(wording, dependencies.policy)
    target = target_of(provenance.kind, scope, provenance.actor, letters)
    with PreparedWrites(target) as prepared:
        records = PreparedRecords(provenance.kind, unpacked(packed), rules)
        prepared.prepare(records, tally.add, now=started_at)
        take_all(
            prepared, provenance, done, started_at=started_at, clock=dependencies.clock, also=also
        )
    return done()


def unpacked(packed: bytes) -> Iterator[str]:
    with gzip.open(BytesIO(packed), "rt", encoding="utf-8") as lines:
        yield from lines


def _rules(
    session: Session, kind: ImportKind, scope: Scope, *, wording: Wording, now: datetime
) -> RowRules:
    only = None
    if isinstance(scope, EnterpriseScope):
        (only,) = find_enterprise_ids(session, scope)
    return rules_for(session, kind, scope, wording=wording, now=now, only_enterprise=only)


def _judge(
    file: FileToCheck,
    provenance: Provenance,
    rules: RowRules,
    work: ConfinedWork,
    wording: Wording,
) -> CheckedContent:
    outcome = json.loads(work.content(OUTCOME))
    if "refused" in outcome:
        raise InvalidValue(outcome["refused"]["code"], **outcome["refused"]["facts"])
    tally, shown, packed = Tally(), _Shown(file.kind, wording), _Packed()

    def see(batch: Batch, judged: Sequence[Judged[Any, Any]]) -> None:
        tally.add(batch, judged)
        shown.add(batch, judged)
        packed.add(to_line(*one) for one in zip(batch.numbers, batch.records, strict=True))

    target = target_of(file.kind, file.scope, provenance.actor)
    judge_batches(target, PreparedRecords(file.kind, work.lines(ROWS), rules), see)
    counts = tally.preview(file.sha256, outcome["ignored"])
    counts = replace(
        counts, unchanged=counts.unchanged + outcome["repeats"], wrong=outcome["wrong"]
    )
    return CheckedContent(
        counts=counts,
        report={**_report(counts, outcome), **shown.lists()},
        rows=packed.content(),
        wrong_rows=work.content(WRONG_ROWS) if work.has(WRONG_ROWS) else None,
    )


def _report(counts: Preview, outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rows": outcome["rows"],
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "wrong": counts.wrong,
        "wrong_cells": outcome["wrong_cells"],
        "repeats": outcome["repeats"],
        "ignored": list(counts.ignored_columns),
        "wrong_rows": outcome["wrong_rows"],
        "lead_change_count": counts.main_lead_changes,
    }


class _Shown:
    """The first rows of every outcome, and of the changed leads, without whole numbers."""

    def __init__(self, kind: ImportKind, wording: Wording) -> None:
        self._headers = {column.name: column.header for column in columns_of(kind)}
        self._headers["town_id"] = self._headers.get("town", "")
        self._wording = wording
        self._headers["removed_at"] = wording.text("import_page.back_on_roster")
        self._rows: dict[str, list[dict[str, Any]]] = {"new": [], "changed": [], "unchanged": []}
        self._leads: list[dict[str, Any]] = []

    def add(self, batch: Batch, judged: Sequence[Judged[Any, Any]]) -> None:
        for number, one in zip(batch.numbers, judged, strict=True):
            rows = self._rows[one.outcome.value]
            if len(rows) < MOST_ROWS_SHOWN:
                changed = [self._headers.get(name, name) for name in one.changed]
                shown = _shown_record(one.record, self._wording)
                rows.append({"row": number, **shown, "changed": changed})
            if one.former_phone is not None and len(self._leads) < MOST_ROWS_SHOWN:
                self._leads.append(
                    {
                        "row": number,
                        "title": one.record.name,
                        "before": mask_phone(one.former_phone),
                        "after": mask_phone(one.record.lead_phone),
                    }
                )

    def lists(self) -> dict[str, Any]:
        return {"outcomes": self._rows, "lead_changes": self._leads}


def _shown_record(record: Record, wording: Wording) -> dict[str, Any]:
    """The row's name and what else tells it from others, as a page prints them."""
    if isinstance(record, EnterpriseRecord):
        return {
            "title": record.name,
            "facts": [record.credit_code, record.lead_name, mask_phone(record.lead_phone)],
        }
    number = mask_id_number(record.id_number)
    title = record.name or number
    if isinstance(record, EmployeeRecord):
        return {"title": title, "facts": [number, mask_phone(record.phone), record.plate_number]}
    if isinstance(record, NucleicAcidRecord):
        return {
            "title": title,
            "facts": [
                number,
                f"{to_local(record.tested_at):%Y-%m-%d %H:%M}",
                wording.text(f"nucleic_result.{record.result.value}"),
            ],
        }
    return {
        "title": title,
        "facts": [number, record.dose_number, record.vaccinated_on.isoformat()],
    }


class _Packed:
    """Text, packed while it comes."""

    def __init__(self) -> None:
        self._made = BytesIO()
        self._packer = gzip.GzipFile(fileobj=self._made, mode="wb", compresslevel=3)

    def add(self, lines: Iterable[str]) -> None:
        self._packer.write("".join(lines).encode())

    def content(self) -> bytes:
        self._packer.close()
        return self._made.getvalue()


def _suffix(file_name: str) -> str:
    suffix = PurePath(file_name.lower()).suffix
    return suffix if suffix in _SUFFIXES else ".bin"
