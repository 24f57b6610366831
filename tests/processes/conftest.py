"""The application and its worker as real processes over the database of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import LiveApp, LiveWorker
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.config.settings import Settings
from wxbackend.services.dependencies import Dependencies


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def config(settings: Settings, tmp_path: Path) -> Path:
    """The file that `settings` was loaded from; further lines may be added to it."""
    return tmp_path / "test.toml"


@pytest.fixture
def live_app(config: Path, sandbox: Sandbox) -> Iterator[Callable[[int], LiveApp]]:
    started: list[LiveApp] = []

    def start(workers: int) -> LiveApp:
        started.append(LiveApp(config, port=sandbox.app_port, workers=workers))
        return started[-1]

    yield start
    for app in started:
        app.stop()


@pytest.fixture
def live_worker(config: Path) -> Iterator[Callable[[], LiveWorker]]:
    started: list[LiveWorker] = []

    def start() -> LiveWorker:
        started.append(LiveWorker(config))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()
