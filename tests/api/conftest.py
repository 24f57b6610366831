"""Programs of the people in the story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.api.program import Document, Program, sender_over_http, sender_to
from tests.live import LiveApp
from tests.people import form_of, make_guard_account
from tests.servers import Sandbox
from tests.stories import Story, answer_page
from wxbackend.config.settings import Settings
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
    return Program(sender_to(app, sandbox.app_url), sandbox, document)


@pytest.fixture
def persona(sandbox: Sandbox) -> dict[str, str]:
    return sandbox.personas()[0]


@pytest.fixture
def driver(program: Program, persona: dict[str, str]) -> Program:
    """Signed in by `wx.login`."""
    found = program.fresh()
    found.sign_in_as(persona["openid"])
    return found


@pytest.fixture
def staff(program: Program, story: Story) -> Callable[..., Program]:
    """Signs checkpoint staff in by password."""
    made = 0

    def sign_in(checkpoint: str = "万顷沙卡口") -> Program:
        nonlocal made
        made += 1
        name = f"gate{made}"
        password = make_guard_account(story.dependencies, name, checkpoint)
        found = program.fresh()
        found.sign_in("password", {"account": name, "password": password})
        return found

    return sign_in


@pytest.fixture
def guard(staff: Callable[..., Program]) -> Program:
    """On shift."""
    found = staff()
    found.post("/gate/shift")
    return found


@pytest.fixture
def lead(program: Program, story: Story, persona: dict[str, str]) -> Program:
    """A lead whose phone number WeChat vouches for."""
    story.enterprise("广州顺达物流有限公司", "黄阁镇", persona["phone"])
    found = program.fresh()
    found.sign_in_by_phone(persona["openid"])
    return found


@pytest.fixture
def live_app(settings: Settings, sandbox: Sandbox, tmp_path: Path) -> Iterator[LiveApp]:
    """A process of its own over this test's database, where nobody calls too often."""
    config = tmp_path / "test.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\napi.most_calls = 1000000\n", encoding="utf-8")
    app = LiveApp(config, port=sandbox.app_port)
    yield app
    app.stop()


@pytest.fixture
def live_program(live_app: LiveApp, sandbox: Sandbox, document: Document, story: Story) -> Program:
    """Nobody's yet, over HTTP."""
    return Program(sender_over_http(live_app.url), sandbox, document)


@pytest.fixture
def form(story):
    def make(**changes):
        form = form_of(story.district, story.dependencies.clock())
        return {**{name: text for name, text in form.items() if text}, **changes}

    return make


@pytest.fixture
def reserved(driver, form):
    """Makes a reservation with its pass code; its id."""

    def reserve(**changes) -> str:
        made = driver.post("/driver/reservations", form(**changes))
        path = f"/driver/reservations/{made['reservation_id']}/identity-check"
        answer_page(driver.post(path)["page_url"], "pass")
        assert driver.post(f"{path}/result")["summary"]["state"] == "reserved"
        return made["reservation_id"]

    return reserve
