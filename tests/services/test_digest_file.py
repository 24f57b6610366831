"""The digest's Excel file, cell by cell beside the database; a large one in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.database import reading
from models.digests import Digest
from models.passages import Passage, PassageEnterprise
from models.reservations import Reservation
from scripts.bench_digest import MOST_MEGABYTES, MOST_SECONDS, measured
from scripts.bench_passages import fill_window
from tests.stories import Story
from wxbackend.domain.digests import Window
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.moments import DISTRICT_TIME, to_local
from wxbackend.services.digest_files import write_digest_file
from wxbackend.services.digest_views import show_digest
from wxbackend.services.digests import make_due_digests

HEADERS = ("车牌号", "司机姓名", "司机联系方式", "公司名称", "通行时间", "不通过原因")
WINDOW = Window(
    datetime(2022, 4, 21, 18, tzinfo=DISTRICT_TIME), datetime(2022, 4, 22, 12, tzinfo=DISTRICT_TIME)
)


def database_rows() -> Iterator[tuple[str | None, ...]]:
    """What must stand in the file, asked for in another way than the file's own."""
    with reading() as session:
        matched: dict[int, list[str]] = {}
        for row in session.query(PassageEnterprise).order_by(PassageEnterprise.enterprise_id):
            matched.setdefault(row.passage_id, []).append(row.enterprise_name)
        found = (
            session.query(
                Passage.id,
                Reservation.plate_number,
                Reservation.name,
                Reservation.phone,
                Reservation.enterprise_name,
                Passage.decided_at,
                Passage.reason,
            )
            .join(Reservation, Passage.reservation_id == Reservation.id)
            .filter(Passage.decided_at >= WINDOW.start, Passage.decided_at < WINDOW.end)
        )
        for number, plate, name, phone, typed, moment, reason in sorted(
            found, key=lambda row: (row.decided_at, row.id)
        ):
            enterprise = "、".join(matched.get(number, [])) or typed or None
            at = to_local(moment).strftime("%Y-%m-%d %H:%M:%S")
            yield plate, name, phone, enterprise, at, reason or None


def compare(path: Path) -> int:
    """How many rows of the file are the database's, to the last cell."""
    count = 0
    with closing(load_workbook(path, read_only=True)) as workbook:
        rows = workbook.worksheets[0].iter_rows()
        assert tuple(cell.value for cell in next(rows)) == HEADERS
        for row, expected in zip(rows, database_rows(), strict=True):
            assert tuple(cell.value for cell in row) == expected
            assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
            count += 1
    return count


@pytest.fixture
def story(dependencies, sandbox, clock) -> Story:
    clock.now = WINDOW.end
    return Story(dependencies, sandbox)


def test_the_file_is_the_database_cell_by_cell(story, tmp_path):
    length = WINDOW.end - WINDOW.start
    before = Window(WINDOW.start - length, WINDOW.start)
    for window in (before, WINDOW, Window(WINDOW.end, WINDOW.end + length)):
        fill_window(story.dependencies, window, 620)
    path = tmp_path / "digest.xlsx"
    assert write_digest_file(story.dependencies, WINDOW, path) == 620
    assert compare(path) == 620


def test_a_page_of_a_large_digest_lists_only_its_rows(story, clock):
    fill_window(story.dependencies, WINDOW, 1_234)
    clock.advance(minutes=1)
    make_due_digests(story.dependencies)
    public_id = newest_public_id()
    first = show_digest(story.dependencies, public_id, PageRequest(1, 50))
    last = show_digest(story.dependencies, public_id, PageRequest(25, 50))
    assert (len(first.page.rows), len(last.page.rows)) == (50, 34)
    assert first.page.page_count == 25
    assert all(row.reason for row in first.page.rows), "the denied ones come first"
    assert (first.digest.allowed, first.digest.denied) == (1_111, 123)


def newest_public_id() -> str:
    with reading() as session:
        return session.query(Digest).order_by(Digest.ends_at.desc()).limit(1).one().public_id


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_thousand_rows_in_little_time_and_memory(story, tmp_path):
    fill_window(story.dependencies, WINDOW, 50_000)
    path = tmp_path / "digest.xlsx"
    cost = measured(lambda: write_digest_file(story.dependencies, WINDOW, path))
    assert compare(path) == 50_000
    assert cost.megabytes < MOST_MEGABYTES, cost
    assert cost.busy_seconds < MOST_SECONDS, cost
