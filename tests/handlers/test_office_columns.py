"""Choosing columns: the address says which are hidden, and keeps it through a search."""

from __future__ import annotations

import pytest

from tests.people import resident_id


@pytest.fixture
def bureau(office):
    return office("bureau")


def test_a_column_is_hidden_and_shown_again_by_a_link(story, bureau):
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, resident_id(1))
    bureau.get("/office/drivers?hide=3.9")
    assert '<table class="grid no-3 no-9">' in bureau.page
    assert "hide=9&amp;columns=open" in bureau.page
    assert "hide=3.4.9&amp;columns=open" in bureau.page
    assert "hide=3.9.11" not in bureau.page  # the last column stays


@pytest.mark.parametrize(
    ("asked", "classes"),
    [
        ("", ""),
        ("3", "no-3"),
        ("7.3", "no-3 no-7"),
        ("1.3", "no-3"),  # the first column says whose row it is
        ("99.-1.x.³.3", "no-3"),
    ],
)
def test_nonsense_hides_nothing(story, bureau, asked, classes):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    bureau.get(f"/office/enterprises?hide={asked}")
    assert f'<table class="grid {classes}">' in bureau.page


def test_the_choice_outlives_a_search(story, bureau):
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    bureau.get("/office/enterprises?hide=3")
    bureau.post("/office/enterprises/search", {"name": "顺达", "hide": "3"})
    assert bureau.status == 200
    assert '<table class="grid no-3">' in bureau.page
