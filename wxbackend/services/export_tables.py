"""What stands in an exported file: its columns, masked where it must be, and who took it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from models.database import reading
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.moments import format_second, to_local
from wxbackend.gateways.interfaces.sheets import TableMaker, TableNotes
from wxbackend.services.export_lists import ExportColumn, ExportList, ExportQuestion
from wxbackend.services.visitors import Member

MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What was asked for.

    `conditions` are the filters in words, for the file and the log; `open_values` are the values
    of those filters that name no person.
    """

    kind: str
    values: Mapping[str, str]
    order: PageRequest
    columns: Sequence[str]
    is_clear: bool
    reason: str
    conditions: Sequence[tuple[str, str]]
    open_values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """An order that was found right: who takes which columns of which list."""

    member: Member
    list: ExportList
    columns: Sequence[ExportColumn]
    order: ExportOrder
    question: ExportQuestion

    def word(self, key: str, **facts: object) -> str:
        return self.question.wording.text(key, **facts)

    @property
    def file_name(self) -> str:
        form = self.word("export.clear" if self.order.is_clear else "export.masked")
        made = to_local(self.question.now).strftime("%Y%m%d-%H%M%S")
        return f"{self.word(f'export.{self.list.kind}.title')}_{form}_{made}.xlsx"


def write_table(tables: TableMaker, path: Path, plan: ExportPlan) -> int:
    """Write the file, row by row as the database gives them; how many there are.

    Raises: InvalidForm for none and for too many.
    """
    headers = [plan.word(f"export.{plan.list.kind}.column.{each.name}") for each in plan.columns]
    with reading() as session:
        rows = plan.list.rows(session, plan.member.scope, plan.question)
        count = tables.write(path, headers, _cells(rows, plan), notes=lambda n: _notes(plan, n))
    if count > MOST_ROWS:
        raise InvalidForm({"range": InvalidValue("export.too_many_rows", most=f"{MOST_ROWS:,}")})
    if count == 0:
        raise InvalidForm({"range": InvalidValue("export.nothing")})
    return count


def _cells(rows: Iterator[Mapping[str, Cell]], plan: ExportPlan) -> Iterator[list[Cell]]:
    is_clear = plan.order.is_clear
    for row in islice(rows, MOST_ROWS + 1):
        yield [_cell(row.get(column.name), column, is_clear=is_clear) for column in plan.columns]


def _cell(value: Cell, column: ExportColumn, *, is_clear: bool) -> Cell:
    if isinstance(value, datetime):
        return format_second(value)
    if column.mask is None or is_clear or value is None:
        return value
    return column.mask(str(value))


def _notes(plan: ExportPlan, count: int) -> TableNotes:
    """A sheet of its own: headers stay in the first row, so that the table can be sorted, filtered
    and read back by an import, as every file of ours can.
    """
    word, order, member = plan.word, plan.order, plan.member
    conditions = [
        word("export.note.condition", title=title, words=words) for title, words in order.conditions
    ]
    role = word(f"role.{member.role.value}")
    who = {"name": member.display_name, "role": role, "account": member.account_name}
    lines = [
        ("by", word("export.note.person", **who)),
        ("at", format_second(plan.question.now)),
        ("scope", member.place or word("export.note.whole_district")),
        ("conditions", word("export.note.and").join(conditions) or word("export.note.none")),
        ("rows", f"{count:,} {word(f'export.{plan.list.kind}.unit')}"),
        ("numbers", word("export.clear" if order.is_clear else "export.masked")),
    ]
    if order.is_clear:
        lines.append(("reason", order.reason.strip()))
    titled = [(word(f"export.note.{name}"), text) for name, text in lines]
    return TableNotes(word("export.note.sheet"), titled)
