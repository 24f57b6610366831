"""Whether this process can do its work: the database answers in the right schema, the store too."""

from __future__ import annotations

from models.database import DatabaseError, answers, db, reading
from models.schema import is_current
from wxbackend.services.dependencies import Dependencies


def readiness(dependencies: Dependencies) -> dict[str, bool]:
    """Each thing that is needed, and whether it is there."""
    database = _database_answers()
    return {
        "database": database,
        "schema": database and is_current(db.engine),
        "shared_store": dependencies.gateways.shared.answers(),
    }


def _database_answers() -> bool:
    try:
        with reading() as session:
            return answers(session)
    except DatabaseError:
        return False
