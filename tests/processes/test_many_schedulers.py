"""Digests made by several processes at once, after a long time down: each window once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from models.database import reading, transaction
from models.digests import Digest
from models.notifications import Notification
from models.reservations import Reservation
from tests.configuration import EXAMPLE
from tests.people import ACTOR
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.alert_recipients import AlertList, Audience
from wxbackend.domain.scope import DistrictScope
from wxbackend.services import alerts
from wxbackend.services.digests import make_due_digests

DAYS = 6


def make_in_a_process(config: Path) -> int:
    app = create_app(load_settings([EXAMPLE, config]), with_web=False)
    with app.app_context():
        return make_due_digests(app.extensions["wxbackend"])


def test_four_processes_make_each_window_once(story, config):
    raw = {"name": "周启明", "member_id": "force-1", "phone": ""}
    of = AlertList(Audience.TASK_FORCE)
    alerts.add_alert_recipient(story.dependencies, DistrictScope(), of, raw, actor=ACTOR)
    story.reserve()
    began = datetime.now(UTC) - timedelta(days=DAYS)
    with transaction() as session:
        session.query(Reservation).update({"created_at": began})
    with get_context("spawn").Pool(4) as pool:
        made = pool.map(make_in_a_process, [config] * 4, chunksize=1)
    with reading() as session:
        digests = session.query(Digest).order_by(Digest.ends_at).all()
        windows = [(row.starts_at, row.ends_at) for row in digests]
        letters = session.query(Notification.event).filter(Notification.event.startswith("digest:"))
        events = [event for (event,) in letters]
    assert sum(made) == len(windows) >= 2 * DAYS - 1
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert len(events) == len(set(events)) == len(windows)
