"""The one place that turns (scope, table) into a WHERE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, literal, or_, select, true

from models.base import Base
from wxbackend.domain.scope import (
    CheckpointScope,
    DistrictScope,
    DriverScope,
    EnterpriseScope,
    NoScope,
    Scope,
    TownScope,
)

Condition = ColumnElement[bool]
_DECIDED = ("passed", "denied")


def visible(scope: Scope, table: type[Any]) -> Condition:
    """The rows of `table` that lie inside `scope`.

    Raises: KeyError for a table that has no rule; nothing is visible by default.
    """
    rule = _RULES[table.__tablename__]
    if isinstance(scope, NoScope):
        return false()
    inside = true() if isinstance(scope, DistrictScope) else rule(scope, table)
    if table.__tablename__ == "reservation":
        # Nobody sees what is left of a reservation whose people were erased; it is only counted.
        return and_(table.erased_at.is_(None), inside)
    return inside


def _table(name: str) -> FromClause:
    # By name: the table modules import this one for their queries.
    return Base.metadata.tables[name]


def _enterprises(scope: Scope, enterprise: Any) -> Condition:
    match scope:
        case TownScope(town_id):
            return enterprise.town_id == town_id  # type: ignore[no-any-return]
        case EnterpriseScope(enterprise_ids):
            return enterprise.id.in_(enterprise_ids)  # type: ignore[no-any-return]
        case _:
            return false()


def _employees(scope: Scope, employee: Any) -> Condition:
    match scope:
        case TownScope(town_id):
            enterprise = _table("enterprise").c
            own = select(enterprise.id).where(enterprise.town_id == town_id).correlate(None)
            return employee.enterprise_id.in_(own)  # type: ignore[no-any-return]
        case EnterpriseScope(enterprise_ids):
            return employee.enterprise_id.in_(enterprise_ids)  # type: ignore[no-any-return]
        case _:
            return false()


def _import_runs(scope: Scope, run: Any) -> Condition:
    """What came in for one's own enterprises; a file for many is the bureau's matter."""
    if isinstance(scope, EnterpriseScope):
        return run.enterprise_id.in_(scope.enterprise_ids)  # type: ignore[no-any-return]
    return false()


def _register_rows(scope: Scope, row: Any) -> Condition:
    """Tests and vaccinations of those who stand on a roster inside the scope."""
    employee = _table("employee").c
    match scope:
        case TownScope() | EnterpriseScope():
            on_roster = (
                select(employee.id_number_hash)
                .where(_employees(scope, employee), employee.removed_at.is_(None))
                .correlate(None)
            )
            return row.id_number_hash.in_(on_roster)  # type: ignore[no-any-return]
        case _:
            return false()


def _reservations(scope: Scope, reservation: Any) -> Condition:
    match scope:
        case DriverScope(wechat_user_id):
            return reservation.wechat_user_id == wechat_user_id  # type: ignore[no-any-return]
        case CheckpointScope(checkpoint_id):
            passage = _table("passage").c
            return exists().where(
                passage.reservation_id == reservation.id, passage.checkpoint_id == checkpoint_id
            )
        case TownScope() | EnterpriseScope():
            decided = reservation.state.in_(_DECIDED)
            return or_(
                and_(decided, _passage_recorded(scope, reservation)),
                and_(~decided, _roster_says(scope, reservation)),
            )
        case _:
            return false()


def _passages(scope: Scope, passage: Any) -> Condition:
    if isinstance(scope, CheckpointScope):
        return passage.checkpoint_id == scope.checkpoint_id  # type: ignore[no-any-return]
    reservation = _table("reservation").c
    own = select(reservation.id).where(_reservations(scope, reservation)).correlate(None)
    return passage.reservation_id.in_(own)  # type: ignore[no-any-return]


def _recorded_matches(scope: Scope, row: Any) -> Condition:
    """What passages recorded of enterprises: a moved enterprise's past stays with its old town."""
    match scope:
        case TownScope(town_id):
            return row.town_id == town_id  # type: ignore[no-any-return]
        case EnterpriseScope(enterprise_ids):
            return row.enterprise_id.in_(enterprise_ids)  # type: ignore[no-any-return]
        case _:
            return false()


def _passage_recorded(scope: TownScope | EnterpriseScope, reservation: Any) -> Condition:
    """Once decided, what the passage recorded says whose it is, whatever the roster says later."""
    tables = _table("passage"), _table("passage_enterprise")
    passage, match = tables[0].c, tables[1].c
    if isinstance(scope, EnterpriseScope):
        # An enterprise has few: they are found from its side.
        own = (
            select(passage.reservation_id)
            .where(match.passage_id == passage.id, match.enterprise_id.in_(scope.enterprise_ids))
            .correlate(None)
        )
        return reservation.id.in_(own)  # type: ignore[no-any-return]
    recorded = (passage.reservation_id == reservation.id, match.passage_id == passage.id)
    return or_(
        there_is(tables, *recorded, match.town_id == scope.town_id),
        and_(reservation.destination_town_id == scope.town_id, ~there_is(tables, *recorded)),
    )


def _roster_says(scope: TownScope | EnterpriseScope, reservation: Any) -> Condition:
    tables = _table("employee"), _table("enterprise")
    employee, enterprise = tables[0].c, tables[1].c
    active = (
        employee.removed_at.is_(None),
        enterprise.id == employee.enterprise_id,
        enterprise.disabled_at.is_(None),
    )
    if isinstance(scope, EnterpriseScope):
        own = (
            select(employee.id_number_hash)
            .where(*active, enterprise.id.in_(scope.enterprise_ids))
            .correlate(None)
        )
        return reservation.id_number_hash.in_(own)  # type: ignore[no-any-return]
    on_roster = (employee.id_number_hash == reservation.id_number_hash, *active)
    return or_(
        there_is(tables, *on_roster, enterprise.town_id == scope.town_id),
        and_(reservation.destination_town_id == scope.town_id, ~there_is(tables, *on_roster)),
    )


def there_is(tables: tuple[FromClause, ...], *conditions: Condition) -> Condition:
    """EXISTS, as one look by an index for each row: PostgreSQL would rather hash whole tables.

    The rows looked for are its own, whatever tables the question around it has joined.
    """
    look = select(literal(1)).where(*conditions).limit(1).correlate_except(*tables)
    return look.scalar_subquery().is_not(None)


def _district_only(_scope: Scope, _row: Any) -> Condition:
    """Texts that name people of every town, and the staff who are told."""
    return false()


def _prepared(scope: Scope, prepared: Any) -> Condition:
    """代预约 is between an enterprise and its driver."""
    if isinstance(scope, EnterpriseScope):
        return prepared.enterprise_id.in_(scope.enterprise_ids)  # type: ignore[no-any-return]
    return false()


_RULES: dict[str, Callable[[Scope, Any], Condition]] = {
    "enterprise": _enterprises,
    "employee": _employees,
    "import_run": _import_runs,
    "nucleic_acid_test": _register_rows,
    "vaccination": _register_rows,
    "reservation": _reservations,
    "passage": _passages,
    "prepared_reservation": _prepared,
    "notification": _district_only,
    "alert_recipient": _district_only,
    "passage_enterprise": _recorded_matches,
}
