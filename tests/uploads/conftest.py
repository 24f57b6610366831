from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import Sandbox
from tests.stories import Story
from tests.uploads.office import Office
from wxbackend.services.dependencies import Dependencies


@pytest.fixture
def story(dependencies: Dependencies, sandbox: Sandbox) -> Story:
    return Story(dependencies, sandbox)


@pytest.fixture
def office(story: Story, tmp_path: Path) -> Office:
    return Office(story, tmp_path)
