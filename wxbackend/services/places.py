"""卡口、镇街和原因: the short lists an admin keeps; what was used stays, out of use or renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.base import new_public_id
from models.database import IntegrityError, Session, reading, transaction
from models.place_lists import (
    Place,
    add_place_row,
    count_accounts_by_place,
    find_place,
    find_place_titled,
    give_title,
    list_all_places,
    title_of,
)
from models.places import Checkpoint
from wxbackend.domain.actors import Actor
from wxbackend.domain.errors import Conflict, InvalidForm, InvalidValue, NotFound
from wxbackend.domain.normalisation import clean_text
from wxbackend.domain.places import LONGEST_NAMES, PlaceKind
from wxbackend.services.audit import record
from wxbackend.services.dependencies import Dependencies


class PlaceInUse(Conflict):
    """Rows refer to it: it can only go out of use."""

    code = "place_in_use"


class LastPlace(Conflict):
    """Drivers need at least one town and one checkpoint to choose, staff one reason."""

    code = "last_place"


@dataclass(frozen=True, slots=True)
class ShownPlace:
    id: int
    name: str
    is_active: bool
    accounts: int


@dataclass(frozen=True, slots=True)
class Poster:
    """`address` is what the QR code says."""

    checkpoint_id: int
    name: str
    address: str


def show_places() -> Mapping[PlaceKind, Sequence[ShownPlace]]:
    """All three lists, in their order, those out of use among the others."""
    with reading() as session:
        accounts = count_accounts_by_place(session)
        return {
            kind: [
                ShownPlace(row.id, title_of(row), row.is_active, accounts.get((kind, row.id), 0))
                for row in list_all_places(session, kind)
            ]
            for kind in PlaceKind
        }


def show_place(kind: PlaceKind, place_id: int) -> ShownPlace:
    """Raises: NotFound."""
    with reading() as session:
        row = _get(session, kind, place_id)
        used = count_accounts_by_place(session).get((kind, row.id), 0)
        return ShownPlace(row.id, title_of(row), row.is_active, used)


def add_place(dependencies: Dependencies, kind: PlaceKind, name: str, *, actor: Actor) -> None:
    """At the end of its list. Raises: InvalidForm."""
    name, now = _clean(kind, name), dependencies.clock()
    with transaction() as session:
        _check_free(session, kind, name)
        about = (kind.value, add_place_row(session, kind, name).id)
        record(session, actor, "add_place", about=about, now=now, details={"name": name})


def rename_place(
    dependencies: Dependencies, kind: PlaceKind, place_id: int, name: str, *, actor: Actor
) -> None:
    """What was recorded before keeps pointing here. Raises: NotFound, InvalidForm."""
    name, now = _clean(kind, name), dependencies.clock()
    with transaction() as session:
        row = _get(session, kind, place_id)
        before = title_of(row)
        if before == name:
            return
        _check_free(session, kind, name)
        give_title(row, name)
        about, details = (kind.value, place_id), {"before": before, "after": name}
        record(session, actor, "rename_place", about=about, now=now, details=details)


def move_place(
    dependencies: Dependencies, kind: PlaceKind, place_id: int, *, is_up: bool, actor: Actor
) -> None:
    """上移 or 下移 by one; at the edge nothing happens. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        _get(session, kind, place_id)
        rows = list_all_places(session, kind, is_locked=True)
        index = next(number for number, row in enumerate(rows) if row.id == place_id)
        other = index - 1 if is_up else index + 1
        if not 0 <= other < len(rows):
            return
        rows[index], rows[other] = rows[other], rows[index]
        # Numbered anew: rows that came with the same position would never change places.
        for position, row in enumerate(rows):
            row.position = position
        details = {"before": index + 1, "after": other + 1}
        about = (kind.value, place_id)
        record(session, actor, "move_place", about=about, now=now, details=details)


def switch_place(
    dependencies: Dependencies, kind: PlaceKind, place_id: int, *, is_active: bool, actor: Actor
) -> None:
    """停用 or 启用: forms offer it no more, or again. Raises: NotFound, LastPlace."""
    now = dependencies.clock()
    with transaction() as session:
        rows = list_all_places(session, kind, is_locked=True)
        row = next((one for one in rows if one.id == place_id), None)
        if row is None:
            raise NotFound
        if row.is_active is is_active:
            return
        if not is_active and sum(one.is_active for one in rows) == 1:
            raise LastPlace
        row.is_active = is_active
        action = "enable_place" if is_active else "disable_place"
        about = (kind.value, place_id)
        record(session, actor, action, about=about, now=now, details={"name": title_of(row)})


def delete_place(
    dependencies: Dependencies, kind: PlaceKind, place_id: int, *, actor: Actor
) -> None:
    """Only what nothing ever referred to goes. Raises: NotFound, PlaceInUse, LastPlace."""
    now = dependencies.clock()
    try:
        with transaction() as session:
            row = _get(session, kind, place_id)
            others = list_all_places(session, kind, is_locked=True)
            if not any(one.is_active for one in others if one.id != place_id):
                raise LastPlace
            details = {"name": title_of(row)}
            session.delete(row)
            session.flush()
            about = (kind.value, place_id)
            record(session, actor, "delete_place", about=about, now=now, details=details)
    except IntegrityError:
        raise PlaceInUse from None


def show_poster(dependencies: Dependencies, checkpoint_id: int) -> Poster:
    """Raises: NotFound."""
    with reading() as session:
        row = _checkpoint(session, checkpoint_id)
        address = f"{dependencies.public_base_url}/d/c/{row.poster_key}"
        return Poster(row.id, row.name, address)


def draw_poster_code(dependencies: Dependencies, checkpoint_id: int) -> tuple[str, bytes]:
    """The checkpoint's name, and its QR code as PNG. Raises: NotFound."""
    poster = show_poster(dependencies, checkpoint_id)
    return poster.name, dependencies.gateways.qr.png(poster.address)


def renew_poster(dependencies: Dependencies, checkpoint_id: int, *, actor: Actor) -> None:
    """更换海报码: posters that hang out there stop working. Raises: NotFound."""
    now = dependencies.clock()
    with transaction() as session:
        row = _checkpoint(session, checkpoint_id)
        row.poster_key = new_public_id()
        about, details = ("checkpoint", checkpoint_id), {"name": row.name}
        record(session, actor, "renew_poster", about=about, now=now, details=details)


def _get(session: Session, kind: PlaceKind, place_id: int) -> Place:
    row = find_place(session, kind, place_id)
    if row is None:
        raise NotFound
    return row


def _checkpoint(session: Session, checkpoint_id: int) -> Checkpoint:
    row = _get(session, PlaceKind.CHECKPOINT, checkpoint_id)
    if not isinstance(row, Checkpoint):
        raise NotFound
    return row


def _clean(kind: PlaceKind, name: str) -> str:
    name = clean_text(name)
    if not name:
        raise InvalidForm({"name": InvalidValue("text.missing")})
    if len(name) > LONGEST_NAMES[kind]:
        raise InvalidForm({"name": InvalidValue("text.too_long", longest=LONGEST_NAMES[kind])})
    return name


def _check_free(session: Session, kind: PlaceKind, name: str) -> None:
    if find_place_titled(session, kind, name) is not None:
        raise InvalidForm({"name": InvalidValue("place.taken")})
