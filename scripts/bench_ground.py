"""A district of any size for measurements, on a PostgreSQL of its own; written by set-wise SQL."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from flask import Flask

from models import schema
from scripts.district import add_defaults
from scripts.sample_people import Inventor
from scripts.sample_words import words
from scripts.servers import ROOT, PrivatePostgres
from wxbackend.app import create_app
from wxbackend.config.settings import load_settings
from wxbackend.domain.actors import system_actor
from wxbackend.domain.keys import KeyRing
from wxbackend.domain.roles import Role
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.district_setup import add_checkpoints

ACTOR = system_actor("bench")
_CHECKPOINTS = 8
_ENTERPRISES = 400
_SEED = 2022
_SQL = Path(__file__).with_name("bench_ground.sql")
_FINDINGS = {
    "roster": [],
    "people": [
        {
            "nucleic_acid": "negative_24h",
            "test": ["2022-04-20T00:00:00+00:00", "negative", ""],
            "vaccination": "doses_3_or_more",
            "doses": 3,
            "last_on": "2021-12-01",
        }
    ],
    "declaration": {"health_code": "green", "high_risk_travel": False, "symptoms": False},
    "identity": "checked",
    "nucleic_data_until": None,
}


@dataclass(frozen=True)
class Size:
    """How much there is: `days` are those over which the reservations lie, up to tomorrow."""

    reservations: int = 1_000_000
    days: int = 365
    employees: int = 8_000
    strangers: int = 20_000


@dataclass(frozen=True)
class Ground:
    """The application on the filled database, and whom it knows."""

    app: Flask
    database: str  # for psycopg
    passwords: dict[str, str]
    id_number: str  # of an employee
    name: str  # the same one's
    plate_number: str  # the same one's


@contextmanager
def ground(size: Size) -> Iterator[Ground]:
    """The filled district; it goes with the block."""
    postgres = PrivatePostgres()
    try:
        with TemporaryDirectory() as folder:
            yield _make(Path(folder), postgres.url(), size)
    finally:
        postgres.stop()


def _make(folder: Path, url: str, size: Size) -> Ground:
    schema.upgrade(url)
    app = create_app(load_settings([ROOT / "config.example.toml", _settings(folder, url)]))
    dependencies: Dependencies = app.extensions["wxbackend"]
    database = url.replace("+psycopg", "")
    began = time.monotonic()
    with app.app_context():
        add_defaults(dependencies)
        names = [f"{word}卡口" for word in words("brands")[:_CHECKPOINTS]]
        add_checkpoints(dependencies, names, actor=ACTOR)
        passwords = _accounts(dependencies, names)
        with psycopg.connect(database, cursor_factory=psycopg.ClientCursor) as connection:
            known = _fill(connection, dependencies, size)
    print(f"{size.reservations:,} reservations in {time.monotonic() - began:.0f} s", flush=True)
    return Ground(app, database, passwords, *known)


def _settings(folder: Path, url: str) -> Path:
    create_key_file(folder / "keys.toml")
    content = {
        "database.url": url,
        "storage.files_folder": str(folder / "files"),
        "storage.key_file": str(folder / "keys.toml"),
        "jobs.embedded": False,
        "logging.level": "ERROR",
    }
    path = folder / "bench.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in content.items()))
    return path


def _accounts(dependencies: Dependencies, checkpoints: list[str]) -> dict[str, str]:
    town = dependencies.gateways.wording.text("default.towns").split()[0]
    new = [
        NewAccount("bureau1", Role.BUREAU, "bureau"),
        NewAccount("town1", Role.TOWN, "town", town),
        *(
            NewAccount(f"gate{number}", Role.CHECKPOINT, "gate", place)
            for number, place in enumerate(checkpoints, 1)
        ),
    ]
    return {
        one.name: create_account(dependencies, one, must_change=False, actor=ACTOR) for one in new
    }


def _fill(
    connection: psycopg.Connection, dependencies: Dependencies, size: Size
) -> tuple[str, str, str]:
    """Drivers by COPY, everything else by INSERT … SELECT; an employee's number, name and plate."""
    keys, inventor = dependencies.gateways.keys, Inventor(_SEED)
    with connection.cursor() as cursor:
        known = _copy_drivers(cursor, keys, inventor, size)
        indexes = _drop_indexes(cursor)
        values = {
            "employees": size.employees,
            "drivers": size.employees + size.strangers,
            "enterprises": _ENTERPRISES,
            "reservations": size.reservations,
            "days": size.days,
            "now": datetime.now(UTC),
            "key_id": keys.current_key_id,
            **_ciphertexts(keys),
        }
        for statement in _SQL.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                cursor.execute(statement.encode(), values)
        for definition in indexes:
            cursor.execute(definition.encode())
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")
    return known


def _copy_drivers(
    cursor: psycopg.Cursor, keys: KeyRing, inventor: Inventor, size: Size
) -> tuple[str, str, str]:
    """A table of everybody who drives: employees first, strangers after them."""
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute("SELECT setseed(0.2022)")
    cursor.execute(
        "CREATE TEMP TABLE driver (n int PRIMARY KEY, name text, plate text, id_hash bytea,"
        " id_tail bytea, phone_hash bytea, phone_tail bytea)"
    )
    known = ("", "", "")
    with cursor.copy("COPY driver FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "text", "text", "bytea", "bytea", "bytea", "bytea"])
        for number in range(1, size.employees + size.strangers + 1):
            name, plate = inventor.person_name(), inventor.plate()
            _, id_number = inventor.document()
            phone = inventor.mobile()
            known = known if known[0] else (id_number, name, plate)
            hashes = (
                keys.keyed_hash(id_number, purpose="id_number"),
                keys.keyed_hash(id_number[-4:], purpose="id_number.tail"),
                keys.keyed_hash(phone, purpose="phone"),
                keys.keyed_hash(phone[-4:], purpose="phone.tail"),
            )
            copy.write_row((number, name, plate, *hashes))
    return known


def _ciphertexts(keys: KeyRing) -> dict[str, bytes]:
    """One ciphertext for every encrypted column: what is measured does not read the others."""
    texts = {
        "employee.id_number": "440115198803120007",
        "employee.phone": "13800005678",
        "reservation.id_number": "440115198803120007",
        "reservation.phone": "13800005678",
        "passenger.id_number": "440115198803120007",
        "scan.findings": json.dumps(_FINDINGS),
    }
    return {
        purpose.replace(".", "_"): keys.encrypt(text.encode(), purpose=purpose)
        for purpose, text in texts.items()
    }


def _drop_indexes(cursor: psycopg.Cursor) -> list[str]:
    """Indexes that are no constraints; made again afterwards, which is quicker."""
    cursor.execute("SET session_replication_role = replica")  # no foreign keys meanwhile
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename IN"
        " ('reservation', 'passenger', 'pass_code', 'scan', 'passage', 'passage_enterprise')"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"'.encode())
    return [definition for _, definition in found]
