"""预约和通行记录 as a file: the list's own rows and filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.database import Session
from models.reservation_conditions import with_enterprises
from models.reservation_lists import ListedReservation, all_matching, count_matching, find_typed
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.nucleic_acid import NucleicAcidClass
from wxbackend.domain.reservation_filter import parse_filter
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import Scope
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.corrections import CorrectionView, corrections_of
from wxbackend.services.export_lists import ExportColumn, ExportList, ExportQuestion
from wxbackend.services.findings import from_json

_TYPED = {"id_number", "phone", "enterprise_typed"}
_NOTHING = ("", "", "")


def _count(session: Session, scope: Scope, question: ExportQuestion, most: int) -> int:
    wanted = with_enterprises(session, parse_filter(question.values))
    return count_matching(session, scope, wanted, now=question.now, most=most)


def _rows(session: Session, scope: Scope, question: ExportQuestion) -> Iterator[Mapping[str, Cell]]:
    wanted, now = with_enterprises(session, parse_filter(question.values)), question.now
    needs_typed = bool(_TYPED & question.columns)
    for part in all_matching(session, scope, wanted, question.order, now=now):
        typed = find_typed(session, scope, [row.id for row in part]) if needs_typed else {}
        decided = [row.passage_id for row in part if row.passage_id is not None]
        said = corrections_of(session, scope, decided) if "correction" in question.columns else {}
        for row in part:
            newest = said.get(row.passage_id or 0, (None,))[-1]
            yield _cells(row, typed.get(row.id, _NOTHING), newest, question.wording)


def _cells(
    row: ListedReservation,
    typed: tuple[str, str, str],
    newest: CorrectionView | None,
    wording: Wording,
) -> dict[str, Cell]:
    id_number, phone, enterprise_typed = typed
    return {
        "plate_number": row.plate_number,
        "name": row.name,
        "id_number": id_number,
        "phone": phone,
        "state": wording.text(f"reservation_state.{row.state.value}"),
        "verdict": wording.text(f"verdict.{row.verdict.value}") if row.verdict else None,
        "reason": row.reason,
        "correction": _correction(wording, newest) if newest else None,
        "arrival_at": row.arrival_at,
        "decided_at": row.decided_at,
        "checkpoint": row.checkpoint,
        "enterprise": "、".join(row.enterprises),
        "enterprise_typed": enterprise_typed,
        "town": row.town,
        "nucleic_acid": _nucleic_acid(wording, row.findings),
        "passengers": row.passenger_count,
        "created_at": row.created_at,
    }


def _correction(wording: Wording, newest: CorrectionView) -> str:
    verdict = wording.text(f"verdict.{newest.verdict.value}")
    if newest.reason:
        verdict = wording.text(
            "correction.verdict_with_reason", verdict=verdict, reason=newest.reason
        )
    return wording.text("correction.newest", verdict=verdict, explanation=newest.explanation)


def _nucleic_acid(wording: Wording, findings: Any) -> str | None:
    """As the list shows it: the class, or the result of a test that has none."""
    if not findings:
        return None
    finding = from_json(findings).people[0].nucleic_acid
    if finding.kind in {NucleicAcidClass.OLDER, NucleicAcidClass.NOT_NEGATIVE} and finding.test:
        result = finding.test.result.value
        return finding.test.other_word or wording.text(f"nucleic_result.{result}")
    return wording.text(f"nucleic.{finding.kind.value}")


# A lead's rows hold drivers who have left; clear numbers of one's own people come from the
# drivers' list.
RESERVATIONS = ExportList(
    kind="reservations",
    right=Right.VIEW_RESERVATIONS,
    columns=(
        ExportColumn("plate_number"),
        ExportColumn("name"),
        ExportColumn("id_number", mask=mask_id_number),
        ExportColumn("phone", mask=mask_phone),
        ExportColumn("state"),
        ExportColumn("verdict", is_chosen=False),
        ExportColumn("reason"),
        ExportColumn("correction"),
        ExportColumn("arrival_at"),
        ExportColumn("decided_at"),
        ExportColumn("checkpoint"),
        ExportColumn("enterprise"),
        ExportColumn("enterprise_typed", is_chosen=False),
        ExportColumn("town"),
        ExportColumn("nucleic_acid"),
        ExportColumn("passengers", is_chosen=False),
        ExportColumn("created_at", is_chosen=False),
    ),
    count=_count,
    rows=_rows,
)
