"""Browsers of the people in the story."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from models.database import db
from tests.browser import Browser
from tests.conftest import TestClock
from tests.people import make_guard_account, make_office_account
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.app import create_app
from wxbackend.config.settings import Settings
from wxbackend.domain.roles import Role
from wxbackend.services.dependencies import Dependencies


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def another_app(clock: TestClock) -> Iterator[Callable[[Settings], Flask]]:
    """Makes apps of other settings over the same database."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings, clock=clock))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def persona(sandbox: Sandbox) -> dict[str, str]:
    return sandbox.personas()[0]


@pytest.fixture
def driver(app: Flask, story: Story, sandbox: Sandbox, persona: dict[str, str]) -> Browser:
    """A driver in WeChat who has not opened anything yet."""
    return Browser(app, sandbox, openid=persona["openid"])


@pytest.fixture
def stranger(app: Flask, story: Story, sandbox: Sandbox) -> Browser:
    """Somebody with an ordinary browser."""
    return Browser(app, sandbox)


@pytest.fixture
def staff(app: Flask, story: Story, sandbox: Sandbox) -> Callable[..., Browser]:
    """Signs checkpoint staff in; on shift unless told otherwise."""
    made = 0

    def sign_in(checkpoint: str = "万顷沙卡口", *, on_shift: bool = True) -> Browser:
        nonlocal made
        made += 1
        password = make_guard_account(story.dependencies, f"gate{made}", checkpoint)
        browser = Browser(app, sandbox)
        browser.get("/sign-in")
        browser.post("/sign-in", {"account": f"gate{made}", "password": password})
        if on_shift:
            browser.post("/gate/shift")
            assert "扫一扫" in browser.text
        return browser

    return sign_in


@pytest.fixture
def lead(app: Flask, story: Story, sandbox: Sandbox) -> Browser:
    """An enterprise lead who signed in with a code by SMS."""
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    browser = Browser(app, sandbox)
    browser.get("/sign-in/phone")
    browser.post("/sign-in/phone/code", {"phone": "13900000001"})
    story.send_all()
    code = sandbox.messages(channel="sms")[-1]["text"][3:9]
    browser.post("/sign-in/phone", {"phone": "13900000001", "code": code})
    assert "企业负责人" in browser.text
    return browser


@pytest.fixture
def office(app: Flask, story: Story, sandbox: Sandbox) -> Callable[..., Browser]:
    """Signs in at the back office: `office("bureau")`, `("town", "黄阁镇")`, a lead by phone."""

    def sign_in(role: str, place: str = "") -> Browser:
        name, password = make_office_account(story.dependencies, Role(role), place)
        browser = Browser(app, sandbox)
        browser.get("/office/sign-in")
        browser.post("/office/sign-in", {"account": name, "password": password})
        assert "退出" in browser.text
        return browser

    return sign_in
