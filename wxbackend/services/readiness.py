"""Whether this process can do its work: the database answers in the right schema, the store too."""

from __future__ import annotations

from models.database import DatabaseError, answers, reading
from models.schema import is_current
from wxbackend.services.dependencies import Dependencies


def readiness(dependencies: Dependencies) -> dict[str, bool]:
    """Each thing that is needed, and whether it is there."""
    database, schema = _database()
    return {
        "database": database,
        "schema": schema,
        "shared_store": dependencies.gateways.shared.answers(),
    }


def _database() -> tuple[bool, bool]:
    try:
        with reading() as session:
            return answers(session), is_current(session)
    except DatabaseError:
        return False, False
