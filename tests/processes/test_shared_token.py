"""Sixteen processes share one token that dies again and again under their hands."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.servers import ROOT

PROCESSES, CALLS = 16, 200


@pytest.mark.slow
def test_no_call_fails_and_each_death_costs_one_fetch(sandbox, shared_store_url):
    if not shared_store_url:
        pytest.skip("needs Redis: runs with --database postgresql")
    # Killed, or pushed out of the last two by somebody else's fetches, at random moments.
    sandbox.put("/sandbox/wechat-rules/tokens", {"honoured": 2, "dies_after": [40, 200]})
    account = sandbox.credentials["wechat"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.processes.token_users"]
        + [shared_store_url, sandbox.url, str(PROCESSES), str(CALLS)],
        cwd=ROOT,
        env=os.environ | {"APP_ID": account["app_id"], "APP_SECRET": account["app_secret"]},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"ok": PROCESSES * CALLS}
    calls = sandbox.get("/sandbox/calls", target="wechat")
    fetches = sum(call["path"] == "/cgi-bin/stable_token" for call in calls)
    deaths = sandbox.get("/sandbox/wechat-rules")["died"]
    assert deaths >= 8
    assert fetches <= deaths + 1
