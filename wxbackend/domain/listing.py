"""Lists in pages: what is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PAGE_SIZES = (20, 50, 100)
# Counting further costs more than anybody learns from it; a filter leads to the row.
COUNTED_ROWS = 10_000

Row = TypeVar("Row")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`number` counts from 1; `sort` names a column of the list, or nothing for its own order."""

    number: int = 1
    size: int = PAGE_SIZES[0]
    sort: str = ""
    is_descending: bool = False

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list; `total` is counted up to COUNTED_ROWS and one."""

    rows: Sequence[Row]
    total: int
    request: PageRequest

    @property
    def is_capped(self) -> bool:
        return self.total > COUNTED_ROWS

    @property
    def counted(self) -> int:
        return min(self.total, COUNTED_ROWS)

    @property
    def page_count(self) -> int:
        return max(1, -(-self.counted // self.request.size))

    @property
    def first(self) -> int:
        return self.request.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.request.offset + len(self.rows)

    @property
    def numbers(self) -> Sequence[int | None]:
        """Page numbers to offer; None stands for a gap."""
        here, end = self.request.number, self.page_count
        shown = sorted({1, end, *range(max(1, here - 2), min(end, here + 2) + 1)})
        pages: list[int | None] = []
        for number in shown:
            if pages and pages[-1] is not None and number - pages[-1] > 1:
                pages.append(None)
            pages.append(number)
        return pages

    def with_rows(self, rows: Sequence[Other]) -> Page[Other]:
        """The same page with its rows turned into something else."""
        return Page(rows, self.total, self.request)
