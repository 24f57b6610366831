"""参数设置: the office's own numbers over the configuration's, live in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import Session, reading, transaction
from models.office_settings import (
    OfficeSetting,
    delete_office_setting,
    list_office_settings,
    list_office_values,
)
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import InvalidForm, InvalidValue, NotFound
from wxbackend.domain.normalisation import clean_code
from wxbackend.domain.office_numbers import OFFICE_NUMBERS, OfficeNumber
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """`changed_by` is empty while the configuration's own number holds."""

    key: str
    unit: str
    least: int
    most: int
    value: int
    configured: int
    changed_by: str
    changed_at: datetime | None


def refresh_policy(dependencies: Dependencies) -> None:
    """Read the office's numbers again if they are older than ten seconds; outside a transaction."""
    now, numbers = dependencies.clock(), dependencies.office_numbers
    if numbers.is_stale(now):
        numbers.begin_reading(now)
        with reading() as session:
            values = list_office_values(session)
        numbers.put(values)


def show_numbers(dependencies: Dependencies) -> Sequence[ShownNumber]:
    with reading() as session:
        rows = list_office_settings(session)
        return [_shown(number, rows.get(number.key), dependencies) for number in OFFICE_NUMBERS]


def change_numbers(
    dependencies: Dependencies, typed: Mapping[str, str], *, account_id: int | None, actor: Actor
) -> int:
    """Set the numbers that differ from what holds; how many. Raises: InvalidForm."""
    wanted, now = _parse(typed), dependencies.clock()
    changed = 0
    with transaction() as session:
        rows = list_office_settings(session)
        for number in OFFICE_NUMBERS:
            before = _value(number, rows.get(number.key), dependencies)
            after = wanted.get(number.key, before)
            if after == before:
                continue
            _put(session, rows.get(number.key), number.key, after, account_id, now)
            _note(session, actor, "change_setting", number, (before, after), now=now)
            changed += 1
        values = list_office_values(session)
    dependencies.office_numbers.put(values)
    return changed


def restore_number(dependencies: Dependencies, key: str, *, actor: Actor) -> None:
    """Let the configuration's number hold again. Raises: NotFound."""
    number = next((one for one in OFFICE_NUMBERS if one.key == key), None)
    if number is None:
        raise NotFound
    with transaction() as session:
        before = _value(number, list_office_settings(session).get(key), dependencies)
        if delete_office_setting(session, key):
            after = number.read(dependencies.configured)
            now = dependencies.clock()
            _note(session, actor, "restore_setting", number, (before, after), now=now)
        values = list_office_values(session)
    dependencies.office_numbers.put(values)


def _parse(typed: Mapping[str, str]) -> dict[str, int]:
    wanted, errors = {}, {}
    for number in OFFICE_NUMBERS:
        if number.key in typed:
            try:
                wanted[number.key] = number.parse(clean_code(typed[number.key]))
            except InvalidValue as wrong:
                errors[number.key] = wrong
    if errors:
        raise InvalidForm(errors)
    return wanted


def _value(number: OfficeNumber, row: OfficeSetting | None, dependencies: Dependencies) -> int:
    if row is not None and number.allows(row.value):
        return int(row.value)
    return number.read(dependencies.configured)


def _shown(
    number: OfficeNumber, row: OfficeSetting | None, dependencies: Dependencies
) -> ShownNumber:
    return ShownNumber(
        number.key,
        number.unit,
        number.least,
        number.most,
        value=_value(number, row, dependencies),
        configured=number.read(dependencies.configured),
        changed_by=row.account.display_name if row and row.account else "",
        changed_at=row.changed_at if row else None,
    )


def _put(
    session: Session,
    row: OfficeSetting | None,
    key: str,
    value: int,
    account_id: int | None,
    now: datetime,
) -> None:
    if row is None:
        row = OfficeSetting(key=key)
        session.add(row)
    row.value, row.account_id, row.changed_at = value, account_id, now
    session.flush()


def _note(
    session: Session,
    actor: Actor,
    action: str,
    number: OfficeNumber,
    change: tuple[int, int],
    *,
    now: datetime,
) -> None:
    before, after = change
    details = {"before": before, "after": after}
    record(session, actor, action, about=("setting", number.key), now=now, details=details)
