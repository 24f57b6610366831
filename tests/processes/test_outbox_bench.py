"""The outbox's measurement runs to its end."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_the_outbox_is_measured_against_its_floor(is_postgresql):
    if not is_postgresql:
        pytest.skip("it brings a PostgreSQL of its own")
    command = [sys.executable, "-m", "scripts.bench", "outbox", "--messages", "60"]
    done = subprocess.run(
        [*command, "--workers", "2"], cwd=ROOT, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "2 x workers" in done.stdout
    assert "2 workers reach" in done.stdout
    assert "ms of CPU" in done.stdout
