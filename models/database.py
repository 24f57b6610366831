"""The connection to the database: one transaction a use case, on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DatabaseError as DatabaseError
from sqlalchemy.exc import DataError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import IntegrityError as IntegrityError  # the services name it, not its library
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session as Session

from models.base import Base, use_key_ring
from wxbackend.domain.errors import ImpossibleValue
from wxbackend.domain.keys import KeyRing

# The database restarts, is full or is busy: the same may succeed in a moment.
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)

db = SQLAlchemy(metadata=Base.metadata)

_TRUSTED_SECONDS = 1.0  # a connection that was used since then is there
_READ_ONLY = {"sqlite_begin": "DEFERRED", "postgresql_readonly": True}
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a decision that was answered survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)


def connect_database(app: Flask, url: str, *, key_ring: KeyRing, pool_size: int = 8) -> None:
    """Bind the app to a database; the only place that knows which one it is."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, pool_size=pool_size)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, key_ring=key_ring)


def engine_options(url: str, *, pool_size: int = 8) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10}, "hide_parameters": True}
    return {
        "hide_parameters": True,  # an error in a log must not quote a person's row
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 10,
        "connect_args": {
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000"
            # Compiling a list's statement takes longer than running it.
            " -c jit=off",
        },
    }


def prepare_engine(engine: Engine, *, key_ring: KeyRing) -> None:
    use_key_ring(engine.dialect, key_ring)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_after_a_pause)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite)


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ask_after_a_pause(connection: Any, record: Any, _proxy: Any) -> None:
    """A restarted database costs one retry, not one error per thread.

    Not the pool's own ping: that would be a round trip before each of a busy sender's statements.
    """
    if time.monotonic() - record.info.get("used_at", 0.0) < _TRUSTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.commit()
    except connection.OperationalError:
        raise InvalidatePoolError from None


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: two writers queue instead of failing half-way.
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def transaction() -> Iterator[Session]:
    """A use case's one transaction: leaving commits, an error rolls back."""
    session = db.session()
    if session.in_transaction():
        raise RuntimeError("a use case has one transaction, and no call to the outside in it")
    try:
        with session.begin():
            yield session
    finally:
        session.expunge_all()  # a row used outside its transaction is a mistake, and fails loudly


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads; it never waits for a writer. Raises: ImpossibleValue."""
    session = db.session()
    if session.in_transaction():
        raise RuntimeError("a use case has one transaction")
    try:
        session.connection(execution_options=_READ_ONLY)
        yield session
        if session.get_bind().dialect.name == "postgresql":
            # After a rollback the driver forgets every statement that it has prepared.
            session.connection().connection.commit()
    except (DataError, OverflowError):
        raise ImpossibleValue from None
    finally:
        session.rollback()
        session.expunge_all()


@contextmanager
def at_once() -> Iterator[Connection]:
    """For one statement that is a transaction of its own: on PostgreSQL a single round trip."""
    if db.session().in_transaction():
        raise RuntimeError("a use case has one transaction")
    engine = db.engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
    else:
        with engine.begin() as connection:
            yield connection


def answers(session: Session) -> bool:
    """Whether the database answers a question at all (for /readyz)."""
    return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
