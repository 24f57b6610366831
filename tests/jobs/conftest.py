"""Workers as real processes, and a story to work on."""

from __future__ import annotations

from tests.handlers.conftest import office as office
from tests.processes.conftest import config as config
from tests.processes.conftest import live_worker as live_worker
from tests.processes.conftest import story as story
