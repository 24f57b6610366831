"""How large and how odd a spreadsheet may be, on the command line and as an upload."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SpreadsheetLimits:
    """Sizes are in bytes. `most_rows` counts rows with content; None means no limit.

    `most_ratio` is how often the content of one part may be larger than its packed form.
    """

    most_file_size: int
    most_unpacked_size: int
    most_rows: int | None
    most_shared_texts: int
    most_ratio: int
    most_columns: int = 40
    most_characters: int = 1_000
    most_blank_rows: int = 10_000
    most_entries: int = 200
    # Styles, theme and the like, which are held in memory as a whole.
    most_small_part_size: int = 8_000_000


# Source: security.md section 8. Ordinary ledgers measure a ratio of 14 to 15.
UPLOAD = SpreadsheetLimits(
    most_file_size=20_000_000,
    most_unpacked_size=60_000_000,
    most_rows=200_000,
    most_shared_texts=1_000_000,
    most_ratio=60,
)
COMMAND_LINE = SpreadsheetLimits(
    most_file_size=2_000_000_000,
    most_unpacked_size=2_000_000_000,
    most_rows=None,
    most_shared_texts=10_000_000,
    most_ratio=100,
)


def upload_limits(*, most_rows: int) -> SpreadsheetLimits:
    """The limits of an upload, with fewer rows where a kind of file is allowed fewer."""
    return replace(UPLOAD, most_rows=most_rows)
