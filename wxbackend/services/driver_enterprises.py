"""Which enterprise somebody is added to, as a person at a PC names it."""

from __future__ import annotations

from models.database import reading
from models.enterprises import find_enterprise_name, list_active_enterprises
from wxbackend.domain.errors import InvalidForm, InvalidValue
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.scope import Scope


def enterprise_name(scope: Scope, public_id: str) -> str:
    """The name; nothing for an enterprise that the scope does not hold."""
    with reading() as session:
        return find_enterprise_name(session, scope, public_id) or ""


def usual_enterprise(scope: Scope, public_id: str) -> str:
    """The name to begin a form with: the one asked for, or the only one there is."""
    if public_id:
        return enterprise_name(scope, public_id)
    with reading() as session:
        found = list_active_enterprises(session, scope, limit=2)
        return found[0].name if len(found) == 1 else ""


def pick_enterprise(scope: Scope, text: str) -> str:
    """The public id of the active enterprise of this name or credit code.

    Raises: InvalidForm (enterprise).
    """
    called = clean_text(text)
    if not called:
        raise InvalidForm({"enterprise": InvalidValue("employee.enterprise_missing")})
    with reading() as session:
        found = [
            row.public_id for row in list_active_enterprises(session, scope, called=called, limit=2)
        ]
    if not found:
        raise InvalidForm({"enterprise": InvalidValue("employee.enterprise_unknown")})
    if len(found) > 1:
        raise InvalidForm({"enterprise": InvalidValue("employee.enterprise_twice")})
    return found[0]
