"""Fixtures of the whole suite: a database of either kind, the sandbox, an app, a clock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from models import schema
from models.base import Base
from scripts import screenshots
from tests.configuration import make_settings
from tests.servers import PrivatePostgres, PrivateRedis, Sandbox, ServerMissing
from wxbackend.app import create_app
from wxbackend.config.settings import Settings
from wxbackend.gateways.key_ring import create_key_file
from wxbackend.gateways.passwords import ArgonHasher
from wxbackend.services.dependencies import Dependencies

_POSTGRES = "WXBACKEND_TEST_POSTGRES"
_REDIS = "WXBACKEND_TEST_REDIS"
_servers: list[PrivatePostgres | PrivateRedis] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="run on SQLite in one process, or on PostgreSQL and Redis",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that starts the others."""
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.getoption("--database") == "sqlite":
        return
    try:
        if _POSTGRES not in os.environ:
            postgres = PrivatePostgres()
            _servers.append(postgres)
            os.environ[_POSTGRES] = postgres.url("{database}")
        if _REDIS not in os.environ:
            store = PrivateRedis()
            _servers.append(store)
            os.environ[_REDIS] = store.url()[: -len("/0")]
    except ServerMissing as missing:
        raise pytest.UsageError(f"--database postgresql needs {missing}") from None


def pytest_unconfigure() -> None:
    for server in _servers:
        server.stop()
    _servers.clear()


class TestClock:
    """The injected clock: it stands where a test puts it."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(scope="session")
def is_postgresql(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--database") == "postgresql")


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(worker.removeprefix("gw"))


@pytest.fixture(scope="session")
def migrated_template(
    is_postgresql: bool, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a database that was migrated once for all tests of this process."""
    if not is_postgresql:
        path = tmp_path_factory.mktemp("template") / "template.sqlite3"
        schema.upgrade(f"sqlite:///{path}")
        return f"sqlite:///{path}"
    name = f"test_{worker_number}"
    admin = create_engine(
        os.environ[_POSTGRES].format(database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = os.environ[_POSTGRES].format(database=name)
    schema.upgrade(url)
    return url


@pytest.fixture
def database_url(is_postgresql: bool, migrated_template: str, tmp_path: Path) -> Iterator[str]:
    """An empty database with the newest schema, for one test."""
    if not is_postgresql:
        path = tmp_path / "test.sqlite3"
        shutil.copyfile(migrated_template.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    yield migrated_template
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    engine = create_engine(migrated_template)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    create_key_file(path)
    return path


@pytest.fixture
def shared_store_url(is_postgresql: bool, worker_number: int) -> str:
    """An empty store: what an earlier test's WeChat asked to leave alone is not left alone here."""
    if not is_postgresql:
        return ""
    url = f"{os.environ[_REDIS]}/{worker_number}"
    with redis.Redis.from_url(url) as store:
        store.flushdb()
    return url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this process: Playwright starts only once in each."""
    with screenshots.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The running sandbox, emptied for this test."""
    sandbox_process.post("/sandbox/reset", {})
    return sandbox_process


@pytest.fixture
def settings(
    database_url: str, shared_store_url: str, key_file: Path, tmp_path: Path, sandbox: Sandbox
) -> Settings:
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def with_web() -> bool:
    """Whether the app has pages; a folder of tests that opens none says no."""
    return True


@pytest.fixture
def app(
    settings: Settings,
    clock: TestClock,
    compiled_templates: FileSystemBytecodeCache,
    with_web: bool,
) -> Iterator[Flask]:
    """An app without jobs of its own; tests call the jobs."""
    quick = ArgonHasher(memory_kib=64, passes=1)
    app = create_app(settings, clock=clock, passwords=quick, with_web=with_web)
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        yield app
        from models.database import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def dependencies(app: Flask) -> Dependencies:
    found = app.extensions["wxbackend"]
    assert isinstance(found, Dependencies)
    return found
