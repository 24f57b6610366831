"""What a list declares so that it can be exported; the rest is `wxbackend.services.exports`.

To make a list exportable:

1. In `wxbackend/services/<list>_exports.py` build one `ExportList`. `count` and `rows` call the
   very query functions that the list page calls, with the same filter values; `rows` reads long
   queries by `models.listing.in_parts` and asks for what belongs to a part by one query a part.
   A column that holds people's numbers names its `mask`; the cells that `rows` gives are clear.
2. Add it to `EXPORT_LISTS` in `wxbackend/services/exports.py`.
3. Words, in any file of `templates/wording/`: `[export.<kind>]` with `title` and `unit` (人, 家),
   `[export.<kind>.column]` with a header for each column.
4. In the page's handler build one `ExportPage` (`handlers/office/export_pages.py`) and add it to
   `PAGES` in `handlers/office/exports.py`. In the list's template, above the table:
   `{% from "office/export_parts.html" import export_button with context %}`
   `{{ export_button("<kind>", page, "家") }}`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.database import Session
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.roles import Right
from wxbackend.domain.scope import Scope
from wxbackend.gateways.interfaces.works import Wording


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """`mask` hides people's numbers; `is_chosen` columns are ticked when the dialog opens."""

    name: str
    mask: Callable[[str], str] | None = None
    is_chosen: bool = True


@dataclass(frozen=True, slots=True)
class ExportQuestion:
    """Which rows, and how much of them.

    `values` are the list's filter values as its page reads them, all empty for everything in
    scope; of `order` only the sorting counts; `columns` are those that will be written, so that
    what costs a query can be left out. `now` is the moment that the file speaks of.
    """

    values: Mapping[str, str]
    order: PageRequest
    columns: frozenset[str]
    now: datetime
    wording: Wording


Count = Callable[[Session, Scope, ExportQuestion, int], int]
"""(session, scope, question, most) → how many rows, counted up to `most` and one."""
Rows = Callable[[Session, Scope, ExportQuestion], Iterator[Mapping[str, Cell]]]
"""(session, scope, question) → cells by column name, row by row, in the list's order."""


@dataclass(frozen=True, slots=True)
class ExportList:
    """A list that can be exported.

    `right` opens the list's page; `is_clear_for_leads` where its rows are a lead's own people.
    """

    kind: str
    right: Right
    columns: tuple[ExportColumn, ...]
    count: Count
    rows: Rows
    is_clear_for_leads: bool = False
