"""What the export dialog needs to know of a list's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers.office.lists import Condition, FilterFields


@dataclass(frozen=True, slots=True)
class ExportPage:
    """`kind` is that of `wxbackend.services.export_lists.ExportList`; `endpoint` is the list.

    `conditions` says the filter's values in words. No filter of the page may be called `kind`.
    """

    kind: str
    fields: FilterFields
    endpoint: str
    conditions: Callable[[Mapping[str, str]], Sequence[Condition]]
