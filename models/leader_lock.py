"""The leader's lock: of all processes over one database, one holds it.

PostgreSQL: a session-level advisory lock on a connection of its own, which ends with the process,
the connection or the database. SQLite: a lock on a file beside the database's, which ends with the
process.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from models.database import db

# "wxbackend leader" in two halves; another product in the same database has other numbers.
_KEY = {"area": 0x77786261, "kind": 0x6C656164}
_CONNECTION_NAME = "wxbackend leader"
# A dead line is noticed within some ten seconds, by us and by the server.
_CONNECT_ARGS = {
    "connect_timeout": 5,
    "application_name": _CONNECTION_NAME,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=5000 -c tcp_keepalives_idle=5"
    " -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000",
}
# A process that hangs or is stopped keeps its connection; the server ends it when it stays silent.
_SILENT_MILLISECONDS = 15_000
_HAS_IDLE_TIMEOUT = (14, 0)


class LeaderLock(Protocol):
    def hold(self) -> bool:
        """Take the lock, or make sure that it is still ours."""
        ...

    def is_held(self) -> bool:
        """Whether it is ours at this moment, asked of the server; never takes it."""
        ...

    def release(self) -> None: ...


def leader_lock() -> LeaderLock:
    """The lock of the database that the application is bound to."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        return FileLock(Path(f"{url.database}.leader") if _is_on_disk(url.database) else None)
    return SessionLock(
        create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_CONNECT_ARGS
        )
    )


def _is_on_disk(database: str | None) -> bool:
    return database not in {None, "", ":memory:"}


class SessionLock:
    """PostgreSQL's. Not through a pooler that gives a session's connection to others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self._is_ours = False

    def hold(self) -> bool:
        with self._turn:
            try:
                return self._ask() if self._is_ours else self._take()
            except DBAPIError:
                self._drop()
                return False

    def is_held(self) -> bool:
        with self._turn:
            try:
                return self._is_ours and self._ask()
            except DBAPIError:
                self._drop()
                return False

    def release(self) -> None:
        with self._turn:
            self._drop()  # the lock ends with the connection

    def _take(self) -> bool:
        if self._connection is None:
            self._connection = self._connect()
        query = text("SELECT pg_try_advisory_lock(:area, :kind)")
        self._is_ours = bool(self._connection.execute(query, _KEY).scalar_one())
        return self._is_ours

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        if (connection.dialect.server_version_info or (0, 0)) >= _HAS_IDLE_TIMEOUT:
            connection.execute(text(f"SET idle_session_timeout = {_SILENT_MILLISECONDS}"))
        return connection

    def _ask(self) -> bool:
        assert self._connection is not None  # noqa: S101 - for the type checker
        return bool(self._connection.execute(text("SELECT true")).scalar_one())

    def _drop(self) -> None:
        connection, self._connection, self._is_ours = self._connection, None, False
        if connection is not None:
            connection.invalidate()
            connection.close()


class FileLock:
    """SQLite's; without a file the database is this process's own."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._file: int | None = None

    def hold(self) -> bool:
        with self._turn:
            if self._path is None or self._file is not None:
                return True
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                return False
            self._file = file
            return True

    def is_held(self) -> bool:
        return self._path is None or self._file is not None

    def release(self) -> None:
        with self._turn:
            if self._file is not None:
                os.close(self._file)
                self._file = None
