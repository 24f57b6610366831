"""Programs of the people in the story."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.program import Document, Program
from tests.people import make_guard_account
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.services.dependencies import Dependencies


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def document(app: Flask) -> Document:
    return Document(app)


@pytest.fixture
def program(app: Flask, sandbox: Sandbox, document: Document, story: Story) -> Program:
    """Nobody's yet."""
    return Program(app, sandbox, document)


@pytest.fixture
def persona(sandbox: Sandbox) -> dict[str, str]:
    return sandbox.personas()[0]


@pytest.fixture
def driver(
    app: Flask, sandbox: Sandbox, document: Document, story: Story, persona: dict[str, str]
) -> Program:
    """Signed in by `wx.login`."""
    found = Program(app, sandbox, document)
    found.sign_in_as(persona["openid"])
    return found


@pytest.fixture
def staff(app: Flask, sandbox: Sandbox, document: Document, story: Story) -> Callable[..., Program]:
    """Signs checkpoint staff in by password."""
    made = 0

    def sign_in(checkpoint: str = "万顷沙卡口") -> Program:
        nonlocal made
        made += 1
        name = f"gate{made}"
        password = make_guard_account(story.dependencies, name, checkpoint)
        found = Program(app, sandbox, document)
        found.sign_in("password", {"account": name, "password": password})
        return found

    return sign_in


@pytest.fixture
def lead(
    app: Flask, sandbox: Sandbox, document: Document, story: Story, persona: dict[str, str]
) -> Program:
    """A lead whose phone number WeChat vouches for."""
    story.enterprise("广州顺达物流有限公司", "黄阁镇", persona["phone"])
    found = Program(app, sandbox, document)
    codes = {"js_code": found.code(persona["openid"])}
    codes["phone_code"] = found.code(persona["openid"], "phone")
    found.sign_in("phone", codes)
    return found
