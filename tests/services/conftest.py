"""The story's beginning, for every service test."""

from __future__ import annotations

import pytest

from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.services.dependencies import Dependencies


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def with_web() -> bool:
    return False
