"""Alembic's entry: connect to the address that `models.schema` hands over, and migrate."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

from models.base import Base


def _render_plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A migration names what the database stores, not our types: they may move or change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run() -> None:
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=_render_plain_type,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
