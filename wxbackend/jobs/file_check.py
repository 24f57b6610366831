"""Check one import file, in a process of its own: `python -m wxbackend.jobs.file_check FOLDER`.

Started by `wxbackend.gateways.confined`; it has no settings, no keys and no database.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from wxbackend.domain.errors import InvalidValue
from wxbackend.domain.import_columns import ImportKind
from wxbackend.gateways.confined import confine
from wxbackend.gateways.spreadsheet_limits import upload_limits
from wxbackend.gateways.spreadsheets import OpenSpreadsheet
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.services.file_reports import TASK, FileReport, write_refusal
from wxbackend.services.import_prepared import rules_from_json

_WORDING = Path(__file__).resolve().parent.parent.parent / "templates" / "wording"


def main(arguments: Sequence[str]) -> int:
    folder, seconds = Path(arguments[0]), int(arguments[1])
    confine(seconds=seconds)
    task = json.loads((folder / TASK).read_text(encoding="utf-8"))
    limits = upload_limits(most_rows=task["most_rows"])
    try:
        with OpenSpreadsheet(folder / task["file"], limits) as sheet:
            report = FileReport(folder, WordingCatalogue(_WORDING))
            report.write(sheet, ImportKind(task["kind"]), rules_from_json(task["rules"]))
    except InvalidValue as error:
        write_refusal(folder, error)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        write_refusal(folder, InvalidValue("import.file.too_many_texts"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
