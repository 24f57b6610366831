"""What every page of the back office shows around its content, in one question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from models.health_registers import Register, RegisterStatus
from models.jobs import WorkerProcess
from models.notification_lists import waits_for_a_person
from models.notifications import Notification
from models.places import Checkpoint, DenialReason, Town
from wxbackend.domain.notifications import NotificationState


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """How current the registers are, what waits for a person, and when jobs' leader last beat."""

    nucleic_acid_until: datetime | None
    vaccination_until: datetime | None
    failed_notifications: int
    unknown_notifications: int
    leader_beat_at: datetime | None


def frame_facts(session: Session, *, since: datetime) -> FrameFacts:
    """`since` bounds the notifications that are counted."""

    def until(register: Register) -> Select[datetime | None]:
        return select(RegisterStatus.data_until).where(RegisterStatus.register == register)

    def waiting(state: NotificationState) -> Select[int]:
        return select(func.count()).where(
            Notification.state == state, waits_for_a_person(), Notification.created_at >= since
        )

    row = session.execute(
        select(
            until(Register.NUCLEIC_ACID).scalar_subquery(),
            until(Register.VACCINATION).scalar_subquery(),
            waiting(NotificationState.FAILED).scalar_subquery(),
            waiting(NotificationState.UNKNOWN).scalar_subquery(),
            select(func.max(WorkerProcess.beat_at))
            .where(WorkerProcess.leader_since.is_not(None))
            .scalar_subquery(),
        )
    ).one()
    return FrameFacts(*row)


@dataclass(frozen=True, slots=True)
class PlaceChoices:
    """(id, name) of every town, checkpoint and reason that filters offer, those out of use last."""

    towns: tuple[tuple[int, str], ...]
    checkpoints: tuple[tuple[int, str], ...]
    reasons: tuple[str, ...]


def place_choices(session: Session) -> PlaceChoices:
    """All three lists by one statement."""
    tables = (("town", Town, Town.name), ("checkpoint", Checkpoint, Checkpoint.name))
    parts = [
        select(
            literal(kind).label("kind"),
            table.id.label("id"),
            name.label("name"),
            case((table.is_active, 0), else_=1).label("is_out"),
            table.position.label("position"),
        )
        for kind, table, name in (*tables, ("reason", DenialReason, DenialReason.wording))
    ]
    together = union_all(*parts).subquery()
    found: dict[str, list[tuple[int, str]]] = {"town": [], "checkpoint": [], "reason": []}
    query = select(together.c.kind, together.c.id, together.c.name)
    for kind, row_id, name in session.execute(
        query.order_by(together.c.is_out, together.c.position, together.c.id)
    ):
        found[kind].append((row_id, name))
    return PlaceChoices(
        tuple(found["town"]),
        tuple(found["checkpoint"]),
        tuple(name for _, name in found["reason"]),
    )
