"""The schema's life: every table in one place, migrations, and how far a database is from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

# Importing a table's module declares the table.
from models import (
    accounts,
    api_requests,
    audit,
    channel_holds,
    corrections,
    deliveries,
    digests,
    drafts,
    employees,
    enterprises,
    exports,
    health_registers,
    identity_checks,
    import_uploads,
    imports,
    jobs,
    notifications,
    office_settings,
    pass_codes,
    passages,
    places,
    plate_search,
    prepared_reservations,
    reservations,
    saved_filters,
    sessions,
    shifts,
    sign_in,
    sms_providers,
)
from models.base import Base

TABLE_MODULES = (
    accounts,
    api_requests,
    audit,
    channel_holds,
    corrections,
    deliveries,
    digests,
    drafts,
    employees,
    enterprises,
    exports,
    health_registers,
    identity_checks,
    import_uploads,
    imports,
    jobs,
    notifications,
    office_settings,
    pass_codes,
    passages,
    places,
    prepared_reservations,
    reservations,
    saved_filters,
    sessions,
    shifts,
    sign_in,
    sms_providers,
)
_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str) -> None:
    """Bring the database to the newest schema; an empty one gets every table."""
    command.upgrade(_config(url), "head")
    if url.startswith("postgresql"):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(plate_search.INDEX)
        engine.dispose()


def write_revision(url: str, message: str) -> None:
    """Write a migration for what the declared tables have and the database has not."""
    number = len(list((_MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
    command.revision(_config(url), message=message, autogenerate=True, rev_id=f"{number:04}")


def differences(url: str) -> list[Any]:
    """What differs between the database and the declared tables; empty when they agree."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            options = {"compare_type": True, "include_name": is_declared}
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, Base.metadata))
    finally:
        engine.dispose()


def is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares a thing with the declared tables; one index stands beside them."""
    return not (kind == "index" and name == plate_search.INDEX_NAME)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    return config
