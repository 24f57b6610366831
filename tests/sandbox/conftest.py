"""Starts one sandbox and one little app for all tests here; each test finds them empty."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.sandbox.browsing import DESK
from tests.sandbox.client import Client
from tests.sandbox.little_app import LittleApp, start_little_app

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sandbox(port: int, *options: str) -> subprocess.Popen[str]:
    """A sandbox that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.sandbox", "--port", str(port), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == f"sandbox ready at http://127.0.0.1:{port}\n", line + process.stdout.read()
    return process


def stop(process: subprocess.Popen[str]) -> str:
    """What the process said before it ended."""
    process.terminate()
    said, _ = process.communicate(timeout=10)
    return said


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[str, LittleApp]]:
    app = LittleApp()
    server = start_little_app(app)
    port = free_port()
    process = start_sandbox(port, "--app-url", app.url, "--vendor", str(ROOT / "static" / "vendor"))
    app.sandbox = f"http://127.0.0.1:{port}"
    with Client(app.sandbox) as client:
        app.credentials = client.get("/sandbox/credentials").json()
    yield app.sandbox, app
    server.shutdown()
    server.server_close()
    assert stop(process) == ""


@pytest.fixture
def little_app(running: tuple[str, LittleApp]) -> LittleApp:
    running[1].forget()
    return running[1]


@pytest.fixture
def sandbox(running: tuple[str, LittleApp], little_app: LittleApp) -> Iterator[Client]:
    with Client(running[0], little_app.credentials) as client:
        people = client.get("/sandbox/personas").json()
        client.post("/sandbox/reset")
        yield client
        client.restore(people)


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    context.set_default_timeout(8_000)
    yield context
    context.close()


@pytest.fixture
def page(browser: BrowserContext, sandbox: Client) -> Iterator[Page]:
    """A page that must not complain: no console error, no broken policy, no exception."""
    browser.clear_cookies()
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []
