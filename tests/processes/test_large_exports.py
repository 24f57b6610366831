"""A hundred thousand people in one file: streamed, every number a text cell, and no formula."""

from __future__ import annotations

import pytest

from scripts.bench_exports import export_over_http, fill_rosters
from tests.people import make_office_account
from wxbackend.domain.roles import Role

ROWS = 100_000
MOST_MEGABYTES = 150
# What the rows themselves may cost: a part of them, and the compressor.
MOST_GROWTH = 30


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand_rows_fit_into_little_memory(story, live_app):
    fill_rosters(story.dependencies, ROWS)
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    server = live_app(1)
    found = export_over_http(server.url, server.pid, account=name, password=password)
    assert found.rows == ROWS
    assert found.numbers == 2 * ROWS
    assert found.wrong == 0
    assert found.peak_megabytes < MOST_MEGABYTES, found
    assert found.peak_megabytes - found.before_megabytes < MOST_GROWTH, found
