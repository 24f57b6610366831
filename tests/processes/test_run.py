"""`make run`: what it starts, what it keeps, how it ends, and that it never fills production."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from models.database import reading
from models.health_registers import NucleicAcidTestRow
from models.notifications import count_by_state
from models.passages import Passage
from models.reservations import Reservation
from scripts.demo import prepare_demo
from scripts.run import EXAMPLE, Place
from tests.servers import ROOT, free_port
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.notifications import NotificationState
from wxbackend.domain.nucleic_acid import NucleicAcidClass
from wxbackend.domain.reservation import ReservationState
from wxbackend.domain.roles import Role

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("run")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("run") / "data", free_port(), free_port())


class Run:
    """`python -m scripts.run` as a terminal starts it."""

    def __init__(self, place: Place) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env=os.environ
            | {
                "WXBACKEND_PORT": str(place.port),
                "WXBACKEND_SANDBOX_PORT": str(place.sandbox_port),
                "WXBACKEND_DATA_DIR": str(place.folder),
                "PYTHONIOENCODING": "utf-8",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.said = ""

    def wait_until_ready(self) -> float:
        """Seconds until the last line of the greeting."""
        assert self.process.stdout is not None
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.said}"
            self.said += line
        return time.monotonic() - self.began

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.said += self.process.communicate(timeout=20)[0]
        return self.process.returncode


@pytest.fixture(scope="module")
def first(place: Place) -> Iterator[Run]:
    run = Run(place)
    run.wait_until_ready()
    yield run
    if run.process.poll() is None:
        run.interrupt()


def test_it_prints_addresses_and_accounts(place, first):
    assert place.url in first.said
    assert place.sandbox_url in first.said
    for entry in accounts_of(place):
        assert entry.get("account") or entry.get("phone") in first.said


def accounts_of(place: Place) -> list[dict[str, str]]:
    found = json.loads(place.accounts.read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def test_every_role_but_the_driver_has_an_account(place, first):
    entries = accounts_of(place)
    assert {entry["role"] for entry in entries} == {str(role) for role in Role} - {"driver"}
    for entry in entries:
        assert entry["scope"]
        assert entry["note"]
        assert ("account" in entry and "password" in entry) or "phone" in entry
    assert place.accounts.stat().st_mode & 0o077 == 0


def test_every_account_signs_in_without_a_forced_change(place, first):
    for entry in accounts_of(place):
        if "account" not in entry:
            continue
        with requests.Session() as session:
            page = session.get(f"{place.url}/sign-in").text
            token = page.split('name="csrf_token" value="')[1].split('"')[0]
            answer = session.post(
                f"{place.url}/sign-in",
                {"csrf_token": token, "account": entry["account"], "password": entry["password"]},
            )
            assert answer.status_code == 200, entry["account"]
            assert "/sign-in" not in answer.url, entry["account"]
            assert "/password" not in answer.url, entry["account"]


def test_a_port_that_is_taken_is_said(place, first):
    second = Run(place)
    said, _ = second.process.communicate(timeout=30)
    assert second.process.returncode == 1
    assert f"port {place.port} is taken" in said


def test_a_second_start_is_quick_and_keeps_the_data(place, first):
    before = place.accounts.read_bytes()
    assert first.interrupt() == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{place.url}/healthz", timeout=2)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{place.sandbox_url}/sandbox/health", timeout=2)
    again = Run(place)
    try:
        # Five seconds on an idle machine; tests beside this one may take their share of it.
        assert again.wait_until_ready() < 10
        assert place.accounts.read_bytes() == before
        assert "making the demo district" not in again.said
    finally:
        assert again.interrupt() == 0


def test_the_demo_has_every_class_of_test(place, first):
    settings = load_settings([EXAMPLE, place.config])
    app = create_app(settings, with_web=False)
    with app.app_context(), reading() as session:
        assert session.query(NucleicAcidTestRow).count() > 600
    personas = json.loads(place.personas.read_text(encoding="utf-8"))
    kinds = json.loads((ROOT / "scripts" / "demo_personas.json").read_text(encoding="utf-8"))
    notes = Counter(persona["note"] for persona in personas)
    for kind in NucleicAcidClass:
        if kind.value in kinds["drivers"]:
            assert notes[kinds["drivers"][kind.value]] == 1
    assert len([kind for kind in NucleicAcidClass if kind.value in kinds["drivers"]]) >= 7


def test_the_demo_has_two_weeks_behind_it_and_nothing_left_to_send(place, first):
    settings = load_settings([EXAMPLE, place.config])
    app = create_app(settings, with_web=False)
    with app.app_context(), reading() as session:
        states = {state for (state,) in session.query(Reservation.state).distinct()}
        assert states == set(ReservationState)
        assert session.query(Reservation).count() > 1500
        days = {at.date() for (at,) in session.query(Passage.decided_at)}
        assert len(days) >= 14
        reasons = {reason for (reason,) in session.query(Passage.reason).distinct()}
        assert len(reasons) > 6
        told = count_by_state(session)
        assert NotificationState.QUEUED not in told
        assert NotificationState.SENDING not in told
        assert {NotificationState.FAILED, NotificationState.UNKNOWN} <= set(told)


def test_production_is_never_filled(settings, tmp_path):
    production = replace(settings, environment="production")
    assert production.is_production
    with pytest.raises(RuntimeError, match="production"):
        prepare_demo(
            production,
            accounts_file=tmp_path / "accounts.json",
            personas_file=tmp_path / "personas.json",
        )
    assert not list(Path(tmp_path).glob("*.json"))
