"""Five thousand employees with 137 mistakes of twelve kinds: found exactly, corrected, taken."""

from __future__ import annotations

import sys
import time

import pytest

from models.employees import Employee
from scripts.bench_imports import EMPLOYEES as COUNT
from scripts.bench_imports import MISTAKES, WRONG, employee_rows, spoil, workbook
from scripts.sample_district import make_district
from tests.uploads.office import EMPLOYEES, rows_of
from tests.uploads.office import workbook as plain_workbook
from wxbackend.domain.import_columns import columns_of

MOST_SECONDS = 60  # measured 2 s on two idle cores; the limit only catches a change of kind


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_mistakes_are_found_and_the_corrected_rows_come_in(office, clock):
    district = make_district(clock.now, enterprises=1, employees=COUNT * 2)
    office.story.enterprise("甲公司", "黄阁镇", "13900000001")
    code = district.enterprises[0].credit_code
    office.story.execute(f"UPDATE enterprise SET credit_code = '{code}'")
    rows = employee_rows(district, {"resident_id": "居民身份证"}, COUNT)
    assert len(rows) == COUNT
    assert len(MISTAKES) == 12
    right = spoil(rows, WRONG)
    bureau, content = office.bureau(), workbook(EMPLOYEES, rows)

    began = time.monotonic()
    view = office.upload(bureau, EMPLOYEES, content)
    seconds = time.monotonic() - began
    sys.stdout.write(f"preview: {seconds:.1f} s\n")
    assert seconds < MOST_SECONDS
    assert (view.counts["new"], view.counts["wrong"]) == (COUNT - WRONG, WRONG)
    assert {row["row"] for row in view.wrong_rows} == set(right)

    headers, *wrong = rows_of(office.wrong_rows(bureau, view))
    assert len(wrong) == WRONG
    assert all(row[-1] for row in wrong)
    office.confirm(bureau, view)
    width = len(columns_of(EMPLOYEES))
    corrected = [[*good, *row[width:]] for good, row in zip(right.values(), wrong, strict=True)]
    again = office.upload(bureau, EMPLOYEES, plain_workbook([headers, *corrected]))
    assert (again.counts["new"], again.counts["wrong"]) == (WRONG, 0)
    office.confirm(bureau, again)
    assert office.count(Employee) == COUNT
    third = office.upload(bureau, EMPLOYEES, content)
    assert (third.counts["unchanged"], third.to_write) == (COUNT - WRONG, 0)
