"""A real browser before the running application and the sandbox's phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.live import LiveApp
from tests.people import make_guard_account, make_office_account
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.config.settings import Settings
from wxbackend.domain.roles import Role
from wxbackend.services.dependencies import Dependencies

OFFICE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 780}
WECHAT = "Mozilla/5.0 (Linux; Android 12) Chrome/107 Mobile MicroMessenger/8.0.30"


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def live(settings: Settings, tmp_path: Path, sandbox: Sandbox, story: Story) -> Iterator[LiveApp]:
    """The application with its jobs, on the database of `story`."""
    config = tmp_path / "test.toml"
    config.write_text(config.read_text().replace("jobs.embedded = false", "jobs.embedded = true"))
    app = LiveApp(config, port=sandbox.app_port)
    yield app
    app.stop()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own; what the console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        options = {"viewport": PHONE, **options}
        context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                # An answer that is no 200 is a complaint too; some of ours are meant.
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def guard_password(story: Story) -> str:
    return make_guard_account(story.dependencies, "gate1")


@pytest.fixture
def office_page(live: LiveApp, story: Story, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the back office on a PC, signed in: `office_page("bureau")`, `("town", "黄阁镇")`.

    A lead's place is the phone number; `path` is the page that is opened.
    """

    def open_office(role: str, place: str = "", *, path: str = "", **options: Any) -> Page:
        name, password = make_office_account(story.dependencies, Role(role), place)
        page = new_page(**{"viewport": OFFICE, **options})
        page.goto(f"{live.url}/office/sign-in")
        page.get_by_label("账号", exact=True).fill(name)
        page.get_by_label("密码", exact=True).fill(password)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("button", name="退出").wait_for()
        if path:
            page.goto(f"{live.url}{path}")
        return page

    return open_office
