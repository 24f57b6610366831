"""Files of tables, and the child process that reads them, as the use cases see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from wxbackend.domain.import_cells import Cell


class Spreadsheet(Protocol):
    """The first sheet of an import file. Called by the imports, which read it more than once."""

    @property
    def file_name(self) -> str: ...

    @property
    def likely_rows(self) -> int:
        """How many rows to expect, for a progress bar."""
        ...

    def fingerprint(self) -> str:
        """The file's SHA-256 in hexadecimal."""
        ...

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Every row down to the last with content; its place, from 1, is its number in Excel.

        A blank row is empty. Raises: InvalidValue (import.file.…).
        """
        ...


class ConfinedWorkFailed(Exception):
    """The child process crashed, was killed, or took too long; the text is for the log."""


class ConfinedWork(Protocol):
    """What a child process left behind, as long as the block lasts."""

    def has(self, name: str) -> bool: ...

    def content(self, name: str) -> bytes: ...

    def lines(self, name: str) -> Iterator[str]: ...


class ConfinedWorks(Protocol):
    """A child process with limits on memory and time, for files that nobody trusts."""

    def run(
        self, files: Mapping[str, bytes], *, timeout: timedelta
    ) -> AbstractContextManager[ConfinedWork]:
        """Give the child these files, and wait for what it makes. Raises: ConfinedWorkFailed."""
        ...

    def sweep(self) -> int:
        """Remove what killed processes left behind; how many folders."""
        ...


class DroppedFile(Protocol):
    """A file of the watched folder, held against other workers as long as the block lasts."""

    @property
    def content(self) -> bytes: ...

    def move(self, *, is_done: bool, at: datetime, beside: Mapping[str, bytes]) -> None:
        """To done/ or refused/, its name begun with the local time `at`.

        `beside` are files to put there too, by what is added to its name.
        """
        ...


class DropFolders(Protocol):
    """The folder into which the registers' daily files are put; there may be none."""

    def complete(self, subfolders: Sequence[str]) -> list[tuple[str, str]]:
        """(subfolder, name) of files that have not changed for a while."""
        ...

    def claim(
        self, subfolder: str, name: str, *, most: int
    ) -> AbstractContextManager[DroppedFile | None]:
        """The file with at most one byte more than `most`; None when another worker has it."""
        ...


class TemplateWriter(Protocol):
    def workbook(self, headers: Sequence[str], notes: Sequence[str]) -> bytes:
        """An empty .xlsx file whose cells are text: a header row, and a row of notes below."""
        ...


@dataclass(frozen=True, slots=True)
class TableNotes:
    """A second sheet that says what the table is: pairs of a title and its words."""

    title: str
    lines: Sequence[tuple[str, str]]


class TableMaker(Protocol):
    """Tables as .xlsx files, written row by row; no text in them becomes a formula."""

    def write(
        self,
        path: Path,
        headers: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        notes: Callable[[int], TableNotes],
    ) -> int:
        """How many rows were written; `notes` is asked when that is known."""
        ...
