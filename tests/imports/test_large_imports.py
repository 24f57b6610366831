"""A hundred thousand rows in bounded memory, from every form of file."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from models.health_registers import NucleicAcidTestRow
from tests.command import Command
from tests.imports.files import write_csv, write_excel, write_xlsx
from tests.imports.many import many_tests
from tests.servers import ROOT
from wxbackend.domain.import_columns import ImportKind

ROWS = 100_000
MOST_MEGABYTES = 200
# Measured at 25 to 40 s on two busy cores; the limit only catches a change of kind.
MOST_SECONDS = 110


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "write"),
    [("excel.xlsx", write_excel), ("program.xlsx", write_xlsx), ("a.csv", write_csv)],
)
def test_a_hundred_thousand_tests_fit_into_memory(desk, database_url, key_file, name, write):
    path = write(desk.folder / name, many_tests(ROWS, now=desk.now))
    command = Command("import_data", desk.folder, database_url=database_url, key_file=key_file)
    done = subprocess.run(
        [sys.executable, "-m", "tests.imports.measured", "run"]
        + command.line(ImportKind.NUCLEIC_ACID_TESTS, path),
        cwd=ROOT,
        env=command.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["status"] == 0, found["errors"]
    assert f"新增 {ROWS} 行" in found["output"]
    assert found["errors"] == ""  # no progress bar where there is no terminal
    assert desk.count(NucleicAcidTestRow) == ROWS
    assert found["peak_mb"] < MOST_MEGABYTES, found
    assert found["seconds"] < MOST_SECONDS, found
