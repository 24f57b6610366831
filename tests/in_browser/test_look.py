"""Every page as eyes and thumbs meet it: nothing past the edge, contrast, labels, targets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from scripts.run import Place, running
from scripts.screenshots import sample_picture
from scripts.tour import Tour
from tests.in_browser.looking import CONTRAST, NAMES_AND_TARGETS, PAST_THE_EDGE, STORAGE
from tests.servers import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("demo"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The demo, as `make run` starts it."""
    place = Place(tmp_path_factory.mktemp("demo"), free_port(), free_port())
    with running(place):
        yield place


@pytest.fixture
def tour(place, chromium) -> Tour:
    return Tour(
        chromium,
        url=place.url,
        sandbox_url=place.sandbox_url,
        folder=place.folder,
        picture=sample_picture(place.folder),
    )


def zoom(page: Page, share: int) -> None:
    page.evaluate(f"document.documentElement.style.fontSize = '{share}%'")


def test_every_page_in_light_colours(tour):
    problems = {}
    count = 0
    for stop in tour.walk():
        found = [
            *stop.page.evaluate(CONTRAST),
            *stop.page.evaluate(NAMES_AND_TARGETS),
            *stop.page.evaluate(PAST_THE_EDGE),
        ]
        for share in (150, 200):
            zoom(stop.page, share)
            found += [f"{share} %: {one}" for one in stop.page.evaluate(PAST_THE_EDGE)]
        zoom(stop.page, 100)
        if found:
            problems[stop.name] = found
        count += 1
    assert problems == {}
    assert count >= 35


def test_every_page_in_dark_colours(tour):
    problems = {}
    for stop in tour.walk(color_scheme="dark"):
        found = stop.page.evaluate(CONTRAST)
        if found:
            problems[stop.name] = found
    assert problems == {}


def test_verdict_colours_are_the_same_in_the_dark(tour):
    """Rule 2 of the design: no theme changes them."""
    look = """() =>
      [".verdict", ".chip_go", ".chip_look", ".weui-btn_go", ".weui-btn_stop", ".pass"]
      .map((name) => document.querySelector(name))
      .map((found) => found && getComputedStyle(found).backgroundColor)"""
    seen = {}
    for scheme in ("light", "dark"):
        for stop in tour.walk(color_scheme=scheme):
            if stop.name in {"gate-scan", "driver-pass"}:
                seen[scheme, stop.name] = stop.page.evaluate(look)
    for name in ("gate-scan", "driver-pass"):
        assert seen["light", name] == seen["dark", name]
        assert any(seen["light", name])


def test_the_storage_of_the_browser_stays_empty(tour):
    """SEC-B07: nothing personal in localStorage, sessionStorage or IndexedDB."""
    for stop in tour.walk():
        assert stop.page.evaluate(STORAGE) == [], stop.name
