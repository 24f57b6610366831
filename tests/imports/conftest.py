"""An app with its database and nothing else, nine towns, and ways to import and to look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from models.database import connect_database, db
from models.places import Town
from tests.conftest import TestClock
from tests.imports.desk import TOWNS, Desk
from wxbackend.gateways.key_ring import read_key_file
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.wiring import WORDING_FOLDER


@pytest.fixture
def bare_app(database_url: str, key_file: Path) -> Iterator[Flask]:
    app = Flask("test")
    key_ring, _ = read_key_file(key_file)
    connect_database(app, database_url, key_ring=key_ring)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def wording() -> WordingCatalogue:
    return WordingCatalogue(WORDING_FOLDER)


@pytest.fixture
def desk(bare_app: Flask, wording: WordingCatalogue, clock: TestClock, tmp_path: Path) -> Desk:
    with db.session.begin():
        db.session.add_all(Town(name=name, position=n) for n, name in enumerate(TOWNS))
    return Desk(wording, clock, tmp_path)
