"""The short lists as an admin keeps them: all rows, in their order, whatever they are called."""

from __future__ import annotations

from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.places import Checkpoint, DenialReason, Town
from wxbackend.domain.places import PlaceKind

Place = Checkpoint | Town | DenialReason

_TABLES: dict[PlaceKind, type[Place]] = {
    PlaceKind.CHECKPOINT: Checkpoint,
    PlaceKind.TOWN: Town,
    PlaceKind.DENIAL_REASON: DenialReason,
}


def title_of(row: Place) -> str:
    return row.wording if isinstance(row, DenialReason) else row.name


def give_title(row: Place, title: str) -> None:
    if isinstance(row, DenialReason):
        row.wording = title
    else:
        row.name = title


def add_place_row(session: Session, kind: PlaceKind, title: str) -> Place:
    """A new row at the end of its list."""
    last = session.execute(select(func.max(_TABLES[kind].position))).scalar_one()
    row = _TABLES[kind](position=0 if last is None else last + 1)
    give_title(row, title)
    session.add(row)
    session.flush()
    return row


def list_all_places(session: Session, kind: PlaceKind, *, is_locked: bool = False) -> list[Place]:
    """`is_locked` keeps other transactions from changing the list meanwhile."""
    table = _TABLES[kind]
    query = select(table).order_by(table.position, table.id)
    return list(session.scalars(query.with_for_update() if is_locked else query))


def find_place(session: Session, kind: PlaceKind, place_id: int) -> Place | None:
    return cast("Place | None", session.get(_TABLES[kind], place_id))


def find_place_titled(session: Session, kind: PlaceKind, title: str) -> Place | None:
    table = _TABLES[kind]
    column = DenialReason.wording if table is DenialReason else table.name  # type: ignore[union-attr]
    return cast("Place | None", session.scalar(select(table).where(column == title)))


def count_accounts_by_place(session: Session) -> dict[tuple[PlaceKind, int], int]:
    """Accounts that are not disabled, by the checkpoint or town that they work at."""
    query = (
        select(Account.checkpoint_id, Account.town_id, func.count())
        .where(
            Account.disabled_at.is_(None),
            Account.checkpoint_id.is_not(None) | Account.town_id.is_not(None),
        )
        .group_by(Account.checkpoint_id, Account.town_id)
    )
    counts: dict[tuple[PlaceKind, int], int] = {}
    for checkpoint_id, town_id, count in session.execute(query):
        if checkpoint_id is not None:
            counts[PlaceKind.CHECKPOINT, checkpoint_id] = count
        elif town_id is not None:
            counts[PlaceKind.TOWN, town_id] = count
    return counts
