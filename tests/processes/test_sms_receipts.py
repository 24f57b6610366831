"""Receipts over HTTP: twice, in the wrong order, at once; each text is settled once."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from models.database import reading
from tests.configuration import make_settings
from tests.processes.test_dying_sms_provider import put_letters, states
from wxbackend.services.deliveries import apply_early_receipts
from wxbackend.services.outbox import send_due

TEXTS = 12


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        sms_providers=("mas", "mas2"),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "state"), [("delivered", "delivered"), ("failed", "failed")])
def test_the_platforms_receipts_settle_every_text(dependencies, sandbox, live_app, mode, state):
    live_app(1)
    rules = {"mode": mode, "delay_seconds": 0, "copies": 2, "reordered": True}
    sandbox.put("/sandbox/receipts", rules)
    put_letters(dependencies, 0, TEXTS)
    send_due(dependencies, holder="test", limit=TEXTS)
    end = time.monotonic() + 20
    while states() != {(state, "mas"): TEXTS} and time.monotonic() < end:
        apply_early_receipts(dependencies)  # as the worker does: some come before we settle
        time.sleep(0.05)
    assert states() == {(state, "mas"): TEXTS}
    with reading() as session:
        steps = session.execute(
            text("SELECT count(*) FROM notification_step WHERE kind = 'receipt'")
        ).scalar_one()
    assert steps == TEXTS
