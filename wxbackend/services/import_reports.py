"""What an import tells its user: counts, wrong rows and their reasons, in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import REASON_HEADER, Column, template_headers
from wxbackend.domain.masking import mask_id_number, mask_phone
from wxbackend.domain.normalisation import clean_code, clean_text
from wxbackend.gateways.interfaces.works import Wording
from wxbackend.services.import_reading import WrongRow

if TYPE_CHECKING:  # the process that checks files has no need of the database's libraries
    from wxbackend.services.import_counts import Preview

_NUMBER_COLUMNS = {"id_number": mask_id_number, "lead_phone": mask_phone, "phone": mask_phone}
# A person's number that stands in a column where nobody expects one; moments are shorter.
_LONG_NUMBER = re.compile(r"\d(?:[\s-]?[\dXx]){10,}")
_MOST_SHOWN = 40


def reason_of(wording: Wording, error: InvalidValue) -> str:
    return wording.text(f"error.{error.code}", **error.facts)


def preview_lines(wording: Wording, preview: Preview) -> Iterator[str]:
    """The counts, and what else is worth knowing before taking the file."""
    yield wording.text(
        "import.preview.counts",
        new=preview.new,
        changed=preview.changed,
        unchanged=preview.unchanged,
        wrong=preview.wrong,
    )
    if preview.main_lead_changes:
        yield wording.text(
            "import.preview.main_leads",
            count=preview.main_lead_changes,
            rows=_some_rows(wording, preview),
        )
    if preview.ignored_columns:
        columns = "、".join(clean_text(name) for name in preview.ignored_columns)
        yield wording.text("import.preview.ignored_columns", columns=columns)


def problem_lines(
    wording: Wording, columns: Sequence[Column], rows: Sequence[WrongRow]
) -> Iterator[str]:
    """A line for every wrong cell: row, column, value (people's numbers masked), reason."""
    for row in rows:
        for column in columns:
            if column.name in row.errors:
                yield wording.text(
                    "import.preview.problem",
                    row=row.number,
                    column=column.header,
                    value=shown_value(column, row.cells.get(column.name)),
                    reason=reason_of(wording, row.errors[column.name]),
                )


def shown_value(column: Column, cell: Cell) -> str:
    """The cell for a terminal or a page, without anybody's whole number."""
    text = "" if cell is None else clean_text(str(cell))
    mask = _NUMBER_COLUMNS.get(column.name)
    if mask is not None:
        text = mask(clean_code(text))
    elif column.name != "credit_code":
        text = _LONG_NUMBER.sub(lambda match: "*" * len(match[0]), text)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def wrong_row_headers(columns: Sequence[Column]) -> list[str]:
    """The template's own headers, and the reason behind them."""
    return [*template_headers(columns), REASON_HEADER]


def wrong_row_cells(wording: Wording, columns: Sequence[Column], row: WrongRow) -> list[Cell]:
    """The row as it was, in the template's order, and why it was not taken."""
    reasons = [
        wording.text(
            "import.wrong_row.reason",
            column=column.header,
            reason=reason_of(wording, row.errors[column.name]),
        )
        for column in columns
        if column.name in row.errors
    ]
    return [*(row.cells.get(column.name) for column in columns), "".join(reasons)]


def _some_rows(wording: Wording, preview: Preview) -> str:
    rows = "、".join(str(number) for number in preview.main_lead_rows)
    is_all = len(preview.main_lead_rows) == preview.main_lead_changes
    return rows if is_all else wording.text("import.preview.and_more", rows=rows)
