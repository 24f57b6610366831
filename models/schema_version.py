"""Whether a database stands at the newest migration: asked by web processes, without Alembic.

Alembic and what it brings take ten megabytes of every process that imports them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_TABLE = "alembic_version"


def is_current(session: Session) -> bool:
    """Whether the database stands at the newest migration."""
    if not inspect(session.connection()).has_table(_TABLE):
        return False
    query = text(f"SELECT version_num FROM {_TABLE}")  # noqa: S608
    return bool(session.scalar(query) == _newest())


@cache
def _newest() -> str:
    """Migrations are numbered in their order, and a number begins the file's name."""
    return max(path.name for path in _VERSIONS.glob("[0-9]*.py")).partition("_")[0]
