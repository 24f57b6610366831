"""Files made for one request: written to a folder of their own, sent, and gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import send_file
from flask.typing import ResponseReturnValue

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_made_file(make: Callable[[Path], str], *, mimetype: str = XLSX) -> ResponseReturnValue:
    """Let `make` write the file at a path and say its name; answer it as a download."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.xlsx"
        name = make(path)
        file = path.open("rb")
    # The folder is gone already: what is open stays readable, and nothing is left behind.
    answer = send_file(file, mimetype, as_attachment=True, download_name=name)
    answer.content_length = os.fstat(file.fileno()).st_size
    return answer
