"""Channels that wait as a whole: none of their notifications is sent but a probe at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, changed_rows, enum_column
from wxbackend.domain.channel_holds import HoldReason
from wxbackend.domain.notifications import Channel


class ChannelHold(Base):
    """One row per held channel. A probe belongs to whoever moves `next_probe_at` on."""

    __tablename__ = "channel_hold"

    channel: Mapped[Channel] = mapped_column(enum_column(Channel), primary_key=True)
    reason: Mapped[HoldReason] = mapped_column(enum_column(HoldReason))
    code: Mapped[str] = mapped_column(String(200))
    provider: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    next_probe_at: Mapped[datetime] = mapped_column(UtcDateTime)
    probes: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class HoldCause:
    """What was answered, and by whom."""

    reason: HoldReason
    code: str
    provider: str


def list_channel_holds(session: Session) -> Sequence[ChannelHold]:
    return session.scalars(select(ChannelHold).order_by(ChannelHold.channel)).all()


def list_due_holds(session: Session, *, now: datetime) -> Sequence[ChannelHold]:
    return session.scalars(select(ChannelHold).where(ChannelHold.next_probe_at <= now)).all()


def hold_channel(
    session: Session,
    channel: Channel,
    cause: HoldCause,
    *,
    now: datetime,
    next_probe_at: datetime,
) -> bool:
    """Hold it; False when it is held already."""
    row = ChannelHold(
        channel=channel,
        reason=cause.reason,
        code=cause.code,
        provider=cause.provider,
        since=now,
        next_probe_at=next_probe_at,
        probes=0,
    )
    if session.get(ChannelHold, channel) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False  # another process was first
    return True


def begin_probe(session: Session, hold: ChannelHold, *, next_probe_at: datetime) -> bool:
    """Take this probe; False when another process took it, or the hold was lifted."""
    query = (
        update(ChannelHold)
        .where(ChannelHold.channel == hold.channel, ChannelHold.next_probe_at == hold.next_probe_at)
        .values(next_probe_at=next_probe_at, probes=ChannelHold.probes + 1)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session, query) == 1


def keep_holding(
    session: Session, channel: Channel, cause: HoldCause, *, next_probe_at: datetime | None
) -> bool:
    """A probe was answered as before: the newest answer counts, and the wait it asks for.

    False when the channel is not held any more.
    """
    values: dict[str, Any] = asdict(cause)
    if next_probe_at is not None:
        values["next_probe_at"] = next_probe_at
    query = update(ChannelHold).where(ChannelHold.channel == channel).values(values)
    return changed_rows(session, query) == 1


def lift_hold(session: Session, channel: Channel) -> bool:
    """Let its notifications go again; False when it was not held any more."""
    return changed_rows(session, delete(ChannelHold).where(ChannelHold.channel == channel)) == 1


def probe_at_once(session: Session, channel: Channel, *, now: datetime) -> bool:
    """Make the next probe due, and those after it frequent again; False when it is not held."""
    query = update(ChannelHold).where(ChannelHold.channel == channel)
    return changed_rows(session, query.values(next_probe_at=now, probes=0)) == 1
