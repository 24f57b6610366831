"""货车企业管理 as a file: the list's own rows and filters, under the import's headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.database import Session
from models.enterprise_ledger import LedgerRow, all_enterprises, count_found
from wxbackend.domain.enterprise_form import filter_of
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import Scope
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.enterprise_views import recent_since
from wxbackend.services.export_lists import ExportColumn, ExportList, ExportQuestion


def _count(session: Session, scope: Scope, question: ExportQuestion, most: int) -> int:
    since, wanted = recent_since(question.now), filter_of(question.values)
    return count_found(session, scope, wanted, since=since, most=most)


def _rows(session: Session, scope: Scope, question: ExportQuestion) -> Iterator[Mapping[str, Cell]]:
    since, wanted = recent_since(question.now), filter_of(question.values)
    for part in all_enterprises(session, scope, wanted, question.order, since=since):
        for row in part:
            yield _cells(row, question.wording)


def _cells(row: LedgerRow, wording: Wording) -> dict[str, Cell]:
    enterprise, lead = row.enterprise, row.main_lead
    state = "active" if enterprise.disabled_at is None else "disabled"
    return {
        "name": enterprise.name,
        "credit_code": enterprise.credit_code,
        "town": enterprise.town.name,
        "lead_name": lead.name if lead else "",
        "lead_phone": lead.phone if lead else "",
        "address": enterprise.address,
        "kind": enterprise.kind,
        "remark": enterprise.remark,
        "employees": row.employee_count,
        "passages": row.passage_count,
        "state": wording.text(f"enterprise_filter.state_{state}"),
        "updated_at": enterprise.updated_at,
    }


ENTERPRISES = ExportList(
    kind="enterprises",
    right=Right.VIEW_ENTERPRISES,
    columns=(
        ExportColumn("name"),
        ExportColumn("credit_code"),
        ExportColumn("town"),
        ExportColumn("lead_name"),
        ExportColumn("lead_phone", mask=mask_phone),
        ExportColumn("address"),
        ExportColumn("kind"),
        ExportColumn("remark", is_chosen=False),
        ExportColumn("employees"),
        ExportColumn("passages"),
        ExportColumn("state"),
        ExportColumn("updated_at", is_chosen=False),
    ),
    count=_count,
    rows=_rows,
)
