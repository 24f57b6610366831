"""Whether this process can do its work: the database answers in the right schema, the store too."""

from __future__ import annotations

from models.database import DatabaseError, answers, reading
from models.schema_version import is_current
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.job_views import jobs_stand_still


def readiness(dependencies: Dependencies) -> dict[str, bool]:
    """Each thing that is needed, and whether it is there."""
    database, schema = _database()
    return {
        "database": database,
        "schema": schema,
        "shared_store": dependencies.gateways.shared.answers(),
    }


def warnings(dependencies: Dependencies) -> list[str]:
    """What somebody should look at while this process can still do its work."""
    return ["jobs_stand_still"] if jobs_stand_still(dependencies) else []


def _database() -> tuple[bool, bool]:
    try:
        with reading() as session:
            return answers(session), is_current(session)
    except DatabaseError:
        return False, False
