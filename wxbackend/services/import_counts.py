"""What a file would do, or did, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wxbackend.services.import_reading import Batch
from wxbackend.services.import_targets import Judged, Outcome

_MOST_ROWS_NAMED = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do, or did. `fingerprint` ties taking to what was checked."""

    fingerprint: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    main_lead_changes: int = 0
    main_lead_rows: tuple[int, ...] = ()  # the first few
    ignored_columns: tuple[str, ...] = ()

    @property
    def good(self) -> int:
        return self.new + self.changed + self.unchanged


class Tally:
    """Counts what becomes of the rows."""

    def __init__(self) -> None:
        self._outcomes = dict.fromkeys(Outcome, 0)
        self._wrong = 0
        self._flagged = 0
        self._flagged_rows: list[int] = []

    def add(self, batch: Batch, judged: Sequence[Judged[Any, Any]]) -> None:
        for number, one in zip(batch.numbers, judged, strict=True):
            self._outcomes[one.outcome] += 1
            if one.former_phone is not None:
                self._flagged += 1
                self._flagged_rows += [number][: _MOST_ROWS_NAMED - len(self._flagged_rows)]
        self._outcomes[Outcome.UNCHANGED] += batch.repeats
        self._wrong += len(batch.wrong)

    def preview(self, fingerprint: str, ignored_columns: Sequence[str] = ()) -> Preview:
        return Preview(
            fingerprint=fingerprint,
            new=self._outcomes[Outcome.NEW],
            changed=self._outcomes[Outcome.CHANGED],
            unchanged=self._outcomes[Outcome.UNCHANGED],
            wrong=self._wrong,
            main_lead_changes=self._flagged,
            main_lead_rows=tuple(self._flagged_rows),
            ignored_columns=tuple(ignored_columns),
        )
