"""A migrated empty database is the declared one, to the last constraint."""

from __future__ import annotations

import pytest
from sqlalchemy import CheckConstraint, Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from models import schema
from models.base import Base
from models.schema_version import is_current


def test_nothing_differs_for_alembic(database_url):
    assert schema.differences(database_url) == []


def whole(engine: Engine) -> dict[str, object]:
    """Everything the database knows of each table, also what Alembic does not compare."""
    found: dict[str, object] = {}
    seen = inspect(engine)
    for table in seen.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in seen.get_columns(table)
            },
            "checks": sorted(
                (check["name"] or "", check["sqltext"].replace(" ", ""))
                for check in seen.get_check_constraints(table)
            ),
            "unique": sorted(
                (one["name"] or "", tuple(one["column_names"]))
                for one in seen.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (
                    one["name"] or "",
                    tuple(one["column_names"]),
                    bool(one["unique"]),
                    sorted(f"{k}={v}" for k, v in one.get("dialect_options", {}).items()),
                )
                for one in seen.get_indexes(table)
                if not one.get("duplicates_constraint")
            ),
            "keys": sorted(
                (tuple(key["constrained_columns"]), key["referred_table"], str(key["options"]))
                for key in seen.get_foreign_keys(table)
            ),
        }
    return found


@pytest.fixture
def declared(is_postgresql, database_url, tmp_path):
    """An engine on a database that was made from the declaration alone."""
    if not is_postgresql:
        engine = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
        Base.metadata.create_all(engine)
        yield engine
        engine.dispose()
        return
    admin = create_engine(database_url)
    with admin.begin() as connection:
        connection.execute(text("CREATE SCHEMA declared"))
    engine = create_engine(database_url, connect_args={"options": "-c search_path=declared"})
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.execute(text("DROP SCHEMA declared CASCADE"))
    admin.dispose()


def test_every_column_constraint_and_index_is_the_same(database_url, declared):
    migrated = create_engine(database_url)
    try:
        assert whole(migrated) == whole(declared)
    finally:
        migrated.dispose()


def test_the_comparison_can_fail(database_url, declared):
    with declared.begin() as connection:
        connection.execute(text("DROP INDEX uq_pass_code_short_code_hash"))
    migrated = create_engine(database_url)
    try:
        assert whole(migrated) != whole(declared)
    finally:
        migrated.dispose()


def test_enums_are_held_by_the_database_too():
    checks = [
        constraint
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    assert len(checks) > 20


PERSONAL = {"id_number", "phone", "address", "member_id", "cert_token", "page_url", "content"}


def test_numbers_of_people_are_encrypted_with_a_keyed_hash_beside():
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.name in {"id_number", "phone", "member_id"}:
                kind = type(column.type).__name__
                assert kind == "EncryptedText", f"{table.name}.{column.name}"
                is_searched = table.name != "alert_recipient" or column.name == "member_id"
                if is_searched:
                    name = column.name.replace("_id", "")
                    beside = f"{name if table.name == 'alert_recipient' else column.name}_hash"
                    assert beside in table.columns, f"{table.name}.{column.name}"


def test_an_old_database_is_known_without_alembic(database_url):
    engine = create_engine(database_url)
    with Session(engine) as session:
        assert is_current(session)
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert not is_current(session)
        session.rollback()
        session.execute(text("DROP TABLE alembic_version"))
        assert not is_current(session)
        session.rollback()
    engine.dispose()
