"""Every page of the back office for every role: contrast, names, edges, an empty browser."""

from __future__ import annotations

import json

import pytest

from scripts.run import Place, running
from scripts.tour_of_back_office import walk_office
from tests.in_browser.looking import CONTRAST, NAMES, SIDEWAYS, STORAGE
from tests.servers import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("office_demo"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("demo"), free_port(), free_port())
    with running(place):
        yield place


@pytest.mark.parametrize(
    ("width", "height", "checks"),
    [
        (1366, 768, (CONTRAST, NAMES, SIDEWAYS, STORAGE)),
        (390, 844, (SIDEWAYS,)),
    ],
)
def test_every_page_of_every_role(place, chromium, width, height, checks):
    accounts = json.loads(place.accounts.read_text(encoding="utf-8"))
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    problems: dict[str, list[str]] = {}
    count = 0
    for stop in walk_office(page, place.url, accounts):
        found = [one for check in checks for one in stop.page.evaluate(check)]
        # htmx keeps the address of the page, which never has anything personal in it.
        found = [one for one in found if one != "htmx-current-path-for-history"]
        if found or complaints:
            problems[stop.name] = [*found[:4], *complaints]
            complaints.clear()
        count += 1
    context.close()
    assert problems == {}
    assert count >= 40
